import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changedAt, modifiedAt } from './build.mjs'
import { cache, root } from './paths.mjs'
import { runOrThrow } from './process.mjs'

/** The package as a consumer gets it. */
export const packageName = '@lanonasis/auth-client'
const folder = join(cache, 'package')

/**
 * Packs the package, types and all, unless it has been packed since the last change.
 *
 * @returns {Promise<string>} the path of the tarball
 */
export async function pack() {
  await mkdir(folder, { recursive: true })
  const [packed] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  if (packed !== undefined && modifiedAt(join('.cache/package', packed)) > changedAt()) {
    return join(folder, packed)
  }
  await rm(folder, { recursive: true })
  await mkdir(folder, { recursive: true })
  await runOrThrow('npm', ['pack', '--pack-destination', folder])
  const [name] = await readdir(folder)
  if (name === undefined) throw new Error('npm pack wrote no tarball.')
  return join(folder, name)
}

/**
 * Installs the packed package into an empty project outside of this repository.
 *
 * @returns {Promise<string>} the folder of the project
 */
export async function createConsumer() {
  const tarball = await pack()
  const project = await mkdtemp(join(tmpdir(), 'lanonasis-consumer-'))
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true }))
  await runOrThrow('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
    cwd: project,
  })
  return project
}

/**
 * The entries by their specifier, as `package.json` exports them.
 *
 * @returns {Promise<Record<string, { import: string, require: string }>>} files relative to the package
 */
export async function readEntries() {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const entries = Object.keys(exports).filter((subpath) => subpath !== './package.json')
  return Object.fromEntries(
    entries.map((subpath) => [
      subpath.replace('.', packageName),
      { import: exports[subpath].import.default, require: exports[subpath].require.default },
    ]),
  )
}
