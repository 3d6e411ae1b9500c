import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack, packageName } from './package.mjs'
import { cache, root } from './paths.mjs'
import { run, runOrThrow } from './process.mjs'

const folder = join(root, 'examples')
const caches = join(cache, 'examples')
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
  const tarball = await pack()
  await cp(join(folder, name), target, {
    recursive: true,
    filter: (path) => !notCopied.has(path.split(/[\\/]/).at(-1) ?? ''),
  })
  await install(target, tarball)
  await runOrThrow('npm', ['run', 'build'], { cwd: target })
}

/**
 * What is installed is kept for the next time, by what it depends on: the manifest and the package.
 *
 * @param {string} target
 * @param {string} tarball
 */
async function install(target, tarball) {
  const manifest = await readFile(join(target, 'package.json'))
  const hash = createHash('sha256')
    .update(manifest)
    .update(await readFile(tarball))
  const kept = join(caches, hash.digest('hex').slice(0, 16))
  const dependencies = join(target, 'node_modules')
  try {
    await cp(kept, dependencies, { recursive: true, verbatimSymlinks: true })
    return
  } catch {
    await rm(dependencies, { recursive: true, force: true })
  }
  await npmInstall(target, tarball)
  // The manifest says again what the team's will say.
  await writeFile(join(target, 'package.json'), manifest)
  await keep(dependencies, kept)
}

/**
 * A registry may be slow or away for a moment, and npm's own cache may have everything.
 *
 * @param {string} target
 * @param {string} tarball
 */
async function npmInstall(target, tarball) {
  const flags = ['--no-package-lock', '--no-audit', '--no-fund']
  let last = ''
  for (const way of ['--prefer-offline', '--offline', '--prefer-online']) {
    const { code, stderr } = await run('npm', ['install', way, ...flags, tarball], { cwd: target })
    if (code === 0) return
    last = stderr
  }
  throw new Error(`The dependencies of ${target} could not be installed.\n${last}`.trim())
}

/**
 * @param {string} dependencies
 * @param {string} kept
 */
async function keep(dependencies, kept) {
  const unfinished = `${kept}.${process.pid}`
  await mkdir(caches, { recursive: true })
  await cp(dependencies, unfinished, { recursive: true, verbatimSymlinks: true })
  // Another run may have been quicker.
  await rename(unfinished, kept).catch(() => rm(unfinished, { recursive: true }))
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
