import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installWithLibrary } from '../../tools/install.mjs'
import { root } from '../../tools/paths.mjs'

/** What the recipes are run with, besides the packed library. esbuild is the page's own bundler. */
const devDependencies = {
  '@jest/globals': '30.5.2',
  '@playwright/test': '1.65.1',
  esbuild: '0.28.2',
  jest: '30.5.2',
  msw: '2.15.0',
  nock: '14.0.17',
  vitest: '4.1.12',
}

/** The files that `docs/testing.md` shows, as they stand there, by the name in their first line. */
export async function readRecipes(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, 'docs/testing.md'), 'utf8')
  const blocks = text.matchAll(/^```(?:js|typescript)\n(?<file>\/\/ (?<name>[\w.]+).*?)^```$/gms)
  return new Map([...blocks].map(({ groups: { name = '', file = '' } = {} }) => [name, file]))
}

/** A project of somebody who has followed the page: its files, the runners, and the packed library. */
export async function makeProject(project: string): Promise<void> {
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, devDependencies }))
  for (const [name, file] of await readRecipes()) await writeFile(join(project, name), file)
  await installWithLibrary(project)
}

/** What a strict project checks its files with. */
export const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  target: 'es2022',
  module: 'node16',
  moduleResolution: 'node16',
  typeRoots: [join(root, 'node_modules/@types')],
  types: ['node'],
}
