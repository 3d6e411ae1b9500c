import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, posix, sep } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { root } from '../tools/paths.mjs'

const installed = inject('installed')

/** By their paths in the package, which have `/` on Windows, too. */
async function shippedFiles(): Promise<string[]> {
  const entries = await readdir(installed, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
    .map((path) => path.replaceAll(sep, '/'))
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

describe('the source maps', () => {
  it('are there for each program, and each file names its own', async () => {
    const files = await shippedFiles()
    const programs = files.filter((file) => /\.c?js$/.test(file))
    expect(programs.length).toBeGreaterThan(20)
    for (const [file, text] of await textOf(programs)) {
      const [, named = ''] = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(text) ?? []
      expect(`${posix.dirname(file)}/${named}`).toBe(`${file}.map`)
      expect(files).toContain(`${file}.map`)
    }
  })

  it('lead to the sources of this repository, text included, and to libraries, nowhere else', async () => {
    const sources = await mappedSources()
    const ours = sources.filter(({ path }) => path.startsWith('src/'))
    expect(new Set(ours.map(({ path }) => path)).size).toBeGreaterThan(200)
    for (const { path, content } of ours) {
      expect(content).toBe(await readFile(join(root, path), 'utf8'))
    }
    const others = sources.filter(({ path }) => !path.startsWith('src/'))
    // A chunk of exports only is its own source.
    const lost = others.filter(
      ({ path, of, content }) =>
        !(path === of && content !== null) && !path.startsWith('node_modules/'),
    )
    expect(lost).toEqual([])
  })

  it.each([
    ['ES modules', '.js'],
    ['CommonJS', '.cjs'],
  ])(
    'name each source once among %s: what is built in twice has its state twice',
    async (_, ending) => {
      const sources = (await mappedSources()).filter(({ of }) => of.endsWith(ending))
      const places = new Map<string, string[]>()
      for (const { path, of } of sources) places.set(path, [...(places.get(path) ?? []), of])
      expect(places.size).toBeGreaterThan(200)
      expect([...places].filter(([, { length }]) => length > 1)).toEqual([])
    },
  )
})

/** What the maps name, by its path in the package: outside of it there is nothing to be found. */
async function mappedSources(): Promise<{ of: string; path: string; content: string | null }[]> {
  const maps = await textOf((await shippedFiles()).filter((file) => file.endsWith('.map')))
  return maps.flatMap(([file, text]) => {
    const map: { sources: string[]; sourcesContent?: (string | null)[] } = JSON.parse(text)
    return map.sources.map((source, index) => ({
      of: file.slice(0, -'.map'.length),
      path: posix.join(posix.dirname(file), source),
      content: map.sourcesContent?.[index] ?? null,
    }))
  })
}
