import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { temporaryDirectory } from '../support/directories.ts'
import { readEntries } from '../tools/package.mjs'
import { installedPackages, publintMessages, resolutions } from '../tools/published.mjs'

it('publint has nothing to say, strictly', async () => {
  expect(await publintMessages(inject('installed'))).toEqual([])
})

it('each entry has the program and the types of its own kind, by every way of resolving since Node.js 16', async () => {
  const entries = Object.entries(await readEntries())
  const files = ({ path, types }: { path: string; types: string }) => ({
    program: path.slice(2),
    types: path.slice(2).replace(/\.c?js$/, types),
    problems: [],
  })
  const { isClean, found } = await resolutions()
  expect(isClean).toBe(true)
  expect([...found.keys()]).toHaveLength(entries.length + 1)
  for (const [specifier, { import: path, require: requirePath }] of entries) {
    const imported = files({ path, types: '.d.ts' })
    const required = files({ path: requirePath, types: '.d.cts' })
    expect(found.get(specifier.replace('@lanonasis/auth-client', '.'))).toEqual({
      'node16-cjs': required,
      'node16-esm': imported,
      bundler: imported,
    })
  }
})

it('two dependencies come along, and nothing runs when they are installed', async () => {
  const packages = await installedPackages(inject('consumer'))
  expect(packages.map(({ name }) => name).sort()).toEqual([
    '@lanonasis/auth-client',
    'undici',
    'ws',
  ])
  expect(packages.filter(({ runsAtInstall }) => runsAtInstall)).toEqual([])
  for (const { bytes } of packages) expect(bytes).toBeGreaterThan(10_000)
  // The README says 7 MB.
  const [own] = packages.filter(({ name }) => name === '@lanonasis/auth-client')
  expect(own?.bytes).toBeLessThan(7_500_000)
})

it.each([
  ['a script', { scripts: { postinstall: 'node steal.mjs' } }, {}, 'package.json'],
  ['what npm has seen', {}, { hasInstallScript: true }, 'package.json'],
  ['a program that is compiled', {}, {}, 'binding.gyp'],
])('the search finds what runs at the install by %s', async (_, manifest, locked, file) => {
  const project = await temporaryDirectory()
  const path = 'node_modules/bad'
  await mkdir(join(project, path), { recursive: true })
  await writeFile(join(project, path, file), '{}')
  await writeFile(join(project, path, 'package.json'), JSON.stringify(manifest))
  const lock = { packages: { [path]: { version: '1.0.0', ...locked } } }
  await writeFile(join(project, 'node_modules/.package-lock.json'), JSON.stringify(lock))
  expect(await installedPackages(project)).toMatchObject([{ name: 'bad', runsAtInstall: true }])
})
