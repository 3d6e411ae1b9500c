import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { root } from '../tools/paths.mjs'

const installed = inject('installed')

async function shippedFiles(): Promise<string[]> {
  const entries = await readdir(installed, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
    .sort()
}

/** Text of files, by file. */
async function textOf(files: readonly string[]): Promise<[string, string][]> {
  return Promise.all(
    files.map(async (file) => [file, await readFile(join(installed, file), 'utf8')] as const),
  ).then((pairs) => pairs.map(([file, text]) => [file, text]))
}

it('the package holds the build, its papers, and nothing else', async () => {
  const files = await shippedFiles()
  expect(files.filter((file) => !file.startsWith('dist/'))).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ])
  const kinds = /^dist\/(THIRD-PARTY-LICENSES\.txt|[\w./-]+\.(js|cjs|d\.ts|d\.cts)(\.map)?)$/
  expect(files.filter((file) => file.startsWith('dist/') && !kinds.test(file))).toEqual([])
})

it('the licence of everything that is built in comes along', async () => {
  const maps = (await shippedFiles()).filter((file) => file.endsWith('.map'))
  const sources = (await textOf(maps)).flatMap(([, text]): string[] => JSON.parse(text).sources)
  const libraries = new Set(
    sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []),
  )
  const [[, licences] = ['', '']] = await textOf(['dist/THIRD-PARTY-LICENSES.txt'])
  const named = [...licences.matchAll(/^-+\n(\S+) \d+\.\d+\.\d+ \(/gm)].map(([, name]) => name)
  expect(named).toEqual([...libraries].sort())
})

it('there is no path of a machine and no secret in any file', async () => {
  const forbidden = [
    new RegExp(root.slice(0, -1)),
    new RegExp(`${homedir()}/`),
    /(^|["'(\s])(file:\/\/)?\/(work|home|Users|tmp|builds?)\//m,
    /\b[A-Z]:\\\\/,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    /\b(npm_|gh[opsu]_|github_pat_)\w{20,}/,
    /_authToken/,
  ]
  const found = (await textOf(await shippedFiles())).flatMap(([file, text]) =>
    forbidden.flatMap((pattern) => {
      const match = pattern.exec(text)
      return match === null ? [] : [`${file}: ${match[0]}`]
    }),
  )
  expect(found).toEqual([])
})

it('the source maps lead to the sources of this repository, text included', async () => {
  const maps = await textOf((await shippedFiles()).filter((file) => file.endsWith('.map')))
  const own = maps.flatMap(([, text]) => {
    const { sources, sourcesContent = [] } = JSON.parse(text)
    return sources.map((source: string, index: number) => [source, sourcesContent[index]])
  })
  const ours = own.filter(([source]) => /^(\.\.\/)+src\//.test(source))
  expect(ours.length).toBeGreaterThan(20)
  expect(ours.filter(([, content]) => typeof content !== 'string')).toEqual([])
})
