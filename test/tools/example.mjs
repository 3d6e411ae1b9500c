import { existsSync } from 'node:fs'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installWithLibrary } from './install.mjs'
import { packageName } from './package.mjs'
import { root } from './paths.mjs'
import { runOrThrow } from './process.mjs'

const folder = join(root, 'examples')
const notCopied = new Set(['node_modules', 'dist'])

/** The examples that are packages of their own. */
export async function exampleNames() {
  const names = await readdir(folder)
  return names.filter((name) => existsSync(join(folder, name, 'package.json')))
}

/**
 * An example as a team has it that copied it: in a folder outside of this repository, with its own
 * dependencies and the packed library, type-checked and built by its own script.
 *
 * @param {string} name
 * @param {string} target a folder that does not exist yet
 */
export async function prepareExample(name, target) {
  await cp(join(folder, name), target, {
    recursive: true,
    filter: (path) => !notCopied.has(path.split(/[\\/]/).at(-1) ?? ''),
  })
  await installWithLibrary(target)
  await runOrThrow('npm', ['run', 'build'], { cwd: target })
}

/** @param {string} name */
export async function readManifest(name) {
  /** @type {{ private?: boolean, engines?: { node?: string }, scripts?: Record<string, string>, dependencies?: Record<string, string>, devDependencies?: Record<string, string> }} */
  const manifest = JSON.parse(await readFile(join(folder, name, 'package.json'), 'utf8'))
  const { [packageName]: library, ...others } = {
    ...manifest.dependencies,
    ...manifest.devDependencies,
  }
  return { manifest, library, others, files: await readdir(join(folder, name)) }
}
