import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { cache } from './paths.mjs'
import { run } from './process.mjs'

/**
 * @typedef {{ path: string } | { missing: string, refused?: boolean }} Program where it is, or why it is not
 *   there; and whether it could not be installed although this machine has what that takes
 */

/** Not every program that npm serves is there for every platform; for this one they all are. */
export const isServedHere = process.platform === 'linux' && process.arch === 'x64'

const nodePlatform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const suffix = process.platform === 'win32' ? '.exe' : ''

/** Runtimes that npm serves, in the versions that the library is tried with. */
const runtimes = {
  // The oldest that package.json asks for.
  node20: nodeRuntime('20.19.0'),
  node22: nodeRuntime('22.23.3'),
  node24: nodeRuntime('24.21.0'),
  node26: nodeRuntime('26.9.0'),
  bun: { spec: 'bun@1.4.5', path: 'bun/bin/bun.exe' },
  deno: { spec: 'deno@2.9.6', path: `deno/deno${suffix}` },
  miniflare: { spec: 'miniflare@4.20260426.0', path: 'miniflare/dist/src/index.js' },
}

/** @param {string} version */
function nodeRuntime(version) {
  const name = `node${version.split('.')[0]}`
  return { spec: `${name}@npm:node-${nodePlatform}@${version}`, path: `${name}/bin/node${suffix}` }
}

/**
 * A runtime, installed on first use into a folder of its own: they are many times as large as the
 * project's own dependencies, and are needed by one test suite.
 *
 * @param {keyof typeof runtimes} name
 * @returns {Promise<Program>}
 */
export async function ensureRuntime(name) {
  const { spec, path } = runtimes[name]
  const folder = join(cache, 'runtimes', spec.replace(/[^\w.]+/g, '-'))
  const program = join(folder, 'node_modules', path)
  if (existsSync(program)) return { path: program }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
  // Bun is put in its place by its install script.
  const flags = ['--ignore-scripts=false', '--no-audit', '--no-fund']
  const { code, stderr } = await run('npm', ['install', ...flags, spec], { cwd: folder })
  if (code === 0 && existsSync(program)) return { path: program }
  const missing = `npm could not install ${spec}. ${lastErrorOf(stderr)}`.trim()
  return { missing, refused: isServedHere }
}

/**
 * A program of the system, installed with apt where that is possible.
 *
 * @param {{ names: readonly string[], package: string }} wanted the names it goes by, and Debian's package
 * @returns {Promise<Program>}
 */
export async function ensureSystemProgram({ names, package: debianPackage }) {
  const found = find(names)
  if (found !== undefined) return { path: found }
  const refusal = await installWithApt(debianPackage)
  const installed = find(names)
  if (installed !== undefined) return { path: installed }
  return {
    missing: refusal ?? `Debian's ${debianPackage} has none of ${names.join(', ')}.`,
    refused: mayInstall,
  }
}

const hasApt = find(['apt-get']) !== undefined
/** Whether a package can be had here: then one that cannot be is a mistake of ours, or of the network. */
const mayInstall = hasApt && process.getuid?.() === 0

/** @param {readonly string[]} names */
function find(names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync)
}

/**
 * @param {string} name of a Debian package
 * @returns {Promise<string | undefined>} why it could not be installed
 */
async function installWithApt(name) {
  if (!hasApt) return `Install ${name}: there is no apt-get here.`
  if (!mayInstall) return `Install it as root: apt-get install -y ${name}`
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update'], { env })
  const { code, stderr } = await run(
    'apt-get',
    ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', name],
    { env },
  )
  return code === 0 ? undefined : `apt-get could not install ${name}. ${lastErrorOf(stderr)}`
}

/** @param {string} text */
function lastErrorOf(text) {
  return text.trim().split('\n').at(-1) ?? ''
}
