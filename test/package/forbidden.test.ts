import { homedir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { packageName, readEntries } from '../tools/package.mjs'
import { root } from '../tools/paths.mjs'

const installed = inject('installed')
const short = (specifier: string) => specifier.replace(packageName, '.')
const files = Object.entries(await readEntries())
const entries = files.map(([specifier]) => short(specifier))
const bundles = new Map<string, string>()

/** Each entry as an application's bundler makes it, with all that it loads on first use. */
beforeAll(async () => {
  const made = files.map(async ([specifier, { import: file }]) => {
    const { outputFiles } = await build({
      entryPoints: [join(installed, file)],
      bundle: true,
      splitting: true,
      outdir: '/out',
      write: false,
      format: 'esm',
      target: 'es2022',
      platform: 'neutral',
      // What Node.js has, what is asked for where it is needed, and what an application has anyway.
      external: ['node:*', 'undici', 'ws', '@napi-rs/*', 'redis', '@modelcontextprotocol/*'],
      logLevel: 'error',
    })
    bundles.set(short(specifier), outputFiles.map(({ text }) => text).join('\n'))
  })
  await Promise.all(made)
})

/** Free, and no property of something else. */
const free = (pattern: string) => new RegExp(`(?<![\\w$.])${pattern}`)

/** What no entry may have, and why. */
const nowhere: Record<string, { pattern: RegExp; example: string }> = {
  // A page's policy forbids it, and reports whoever tries.
  'eval()': { pattern: free('eval\\s*\\('), example: 'eval("1")' },
  'new Function()': { pattern: free('Function\\s*\\('), example: 'new Function("return this")' },
  // Trusted Types forbid them.
  'HTML made of text': {
    pattern: /\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write/,
    example: 'element.innerHTML = text',
  },
  // What is said is the application's affair; a log that nobody asked for may hold what it must not.
  'the console': { pattern: free('console\\b'), example: 'console.log(token)' },
  // Credentials go in a header, to their own origin only.
  cookies: { pattern: /\.cookie\b/, example: 'document.cookie = token' },
  'a request of the old kind': { pattern: /XMLHttpRequest/, example: 'new XMLHttpRequest()' },
  'a stop for a debugger': { pattern: /\bdebugger\b/, example: 'debugger' },
  'tools of our tests': {
    pattern: /vitest|fast-check|playwright|puppeteer/,
    example: 'import { expect } from "vitest"',
  },
  'a path of a machine': {
    pattern: new RegExp(`${root}|${homedir()}/|["'\`]/(home|Users|tmp|work)/`),
    example: `import "${root}src/index.ts"`,
  },
}

/** What some entries have and no other may: `browser` alone finds the places of a page, for example. */
const only: Record<string, { pattern: RegExp; in: readonly string[] }> = {
  'localStorage and its kin': { pattern: /\b(local|session)Storage\b/, in: ['./browser'] },
  IndexedDB: { pattern: /\bindexedDB\b/, in: ['./browser'] },
  // An extension has a desktop host as well as one in a web worker, and asks before it loads any.
  'a node: module': { pattern: /["'`]node:/, in: ['./node', './vscode', './testing/node'] },
  'other programs': { pattern: /child_process/, in: ['./node', './vscode'] },
  'the config file': { pattern: /\.maas\.config/, in: ['./node', './vscode'] },
  'the keychain': { pattern: /@napi-rs\/keyring/, in: ['./node'] },
  'QR codes': { pattern: /Version value out of range/, in: ['./node', './vscode'] },
  'the MCP SDK': {
    pattern: /@modelcontextprotocol\//,
    in: ['.', './node', './browser', './vscode', './mcp'],
  },
  'the protocol of OAuth': {
    pattern: /OAUTH_INVALID_RESPONSE/,
    in: ['.', './node', './browser', './vscode', './mcp'],
  },
  'requests to the REST API': {
    pattern: /ForceRetryError/,
    in: ['.', './node', './browser', './vscode'],
  },
  'streams of events': {
    pattern: /Cannot feed parser/,
    in: ['.', './node', './browser', './vscode'],
  },
  'schemas of answers': {
    pattern: /ZodMiniType/,
    in: ['.', './node', './browser', './vscode', './testing', './testing/node'],
  },
  'the services for tests': {
    pattern: /Allow access\?/,
    in: ['./testing', './testing/node'],
  },
}

describe.each(entries)('%s', (entry) => {
  it.each(Object.entries(nowhere))('has nowhere in it: %s', (_, { pattern }) => {
    expect(pattern.exec(bundles.get(entry) ?? '')?.[0]).toBeUndefined()
  })
})

describe('in these entries, and in no other', () => {
  it.each(Object.entries(only))('%s', (_, { pattern, in: allowed }) => {
    expect(entries.filter((entry) => pattern.test(bundles.get(entry) ?? ''))).toEqual(allowed)
  })
})

it.each(Object.entries(nowhere))('the search finds %s', (_, { pattern, example }) => {
  expect(pattern.test(example)).toBe(true)
})
