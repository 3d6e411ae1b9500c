import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack, packageName } from './package.mjs'
import { cache } from './paths.mjs'
import { run } from './process.mjs'

const kept = join(cache, 'installed')

/** @typedef {Record<string, string>} Versions by name */
/** @typedef {{ dependencies?: Versions, devDependencies?: Versions }} Manifest */

/**
 * Installs what the manifest of a project names, and the packed library in the place of a published one.
 * What a project has besides is kept for the next time, by its list; the library is new each time.
 *
 * @param {string} project its folder, with a `package.json`
 */
export async function installWithLibrary(project) {
  const manifest = await readFile(join(project, 'package.json'), 'utf8')
  await copy(await keptModules(JSON.parse(manifest)), join(project, 'node_modules'))
  await npmInstall(project, [await pack()])
  // The manifest says again what the team's will say.
  await writeFile(join(project, 'package.json'), manifest)
}

/** @param {Manifest} manifest */
async function keptModules({ dependencies = {}, devDependencies = {} }) {
  const { [packageName]: _, ...others } = { ...dependencies, ...devDependencies }
  const list = JSON.stringify({ private: true, dependencies: others })
  const folder = join(kept, createHash('sha256').update(list).digest('hex').slice(0, 16))
  const modules = join(folder, 'node_modules')
  const exists = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  if (exists === list) return modules
  const unfinished = `${folder}.${process.pid}`
  await mkdir(join(unfinished, 'node_modules'), { recursive: true })
  await writeFile(join(unfinished, 'package.json'), list)
  await npmInstall(unfinished)
  // Another run may have been quicker.
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }))
  return modules
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  return cp(from, to, { recursive: true, verbatimSymlinks: true })
}

/**
 * A registry may be slow or away for a moment, and npm's own cache may have everything.
 *
 * @param {string} project
 * @param {readonly string[]} packages besides those of its manifest
 */
async function npmInstall(project, packages = []) {
  const flags = ['--no-package-lock', '--no-audit', '--no-fund', ...packages]
  let last = ''
  for (const way of ['--prefer-offline', '--offline', '--prefer-online']) {
    const { code, stderr } = await run('npm', ['install', way, ...flags], { cwd: project })
    if (code === 0) return
    last = stderr
  }
  throw new Error(`The dependencies of ${project} could not be installed.\n${last}`.trim())
}
