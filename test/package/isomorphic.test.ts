import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { chunkGraph } from '../tools/chunks.mjs'
import { packageName, readEntries } from '../tools/package.mjs'

const installed = inject('installed')
const entries = await readEntries()
const portable = [
  packageName,
  `${packageName}/browser`,
  `${packageName}/mcp`,
  `${packageName}/redis`,
]
/** Peers that a program has or has not: they are looked for on first use. */
const peers = /^@modelcontextprotocol\/(?:client$|sdk\/client\/)/

/**
 * What only Node.js has, as free names: `runtime.process?.env` asks an object that is everywhere
 * whether it is there, and an `ArrayBuffer` is.
 */
const onlyInNode = {
  process: /(?<![.\w$])process(\?\.|\.|\[)[\w$'"]/,
  Buffer: /(?<![.\w$])Buffer\b/,
  global: /(?<![.\w$])global(\?\.|\.|\[)[\w$'"]/,
  setImmediate: /(?<![.\w$])setImmediate\b/,
  __dirname: /\b__(dirname|filename)\b/,
  'import.meta': /\bimport\.meta\b/,
  'a node: module': /["'`]node:/,
  'the package ws': /\b(from|import|require)\s?\(?["']ws["']/,
}

function foundIn(code: string): string[] {
  return Object.entries(onlyInNode)
    .filter(([, pattern]) => pattern.test(code))
    .map(([name]) => name)
}

describe.each(['import', 'require'] as const)('by %s', (format) => {
  it.each(portable)(
    '%s is free of everything that only Node.js has, in all its chunks',
    async (entry) => {
      const { files, externals } = await chunkGraph(join(installed, entries[entry]?.[format] ?? ''))
      const found = await Promise.all(
        files.map(async (file) => ({
          file: relative(installed, file),
          names: foundIn(await readFile(file, 'utf8')),
        })),
      )
      expect(externals.filter((name) => !peers.test(name))).toEqual([])
      expect(found.filter(({ names }) => names.length > 0)).toEqual([])
    },
  )
})

describe('the search for what only Node.js has', () => {
  it.each([
    ['process.env.HOME', 'process'],
    ['typeof process<"u"&&process?.versions', 'process'],
    ['Buffer.from(text)', 'Buffer'],
    ['import{join}from"node:path"', 'a node: module'],
    ['const socket=require("ws")', 'the package ws'],
    ['import Socket from"ws"', 'the package ws'],
  ])('finds %s', (code, name) => {
    expect(foundIn(code)).toEqual([name])
  })

  it.each(['new ArrayBuffer(8)', 'globalThis.process?.env', 'socket.protocol="ws"'])(
    'lets %s pass',
    (code) => {
      expect(foundIn(code)).toEqual([])
    },
  )
})
