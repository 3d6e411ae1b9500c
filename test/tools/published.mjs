import { existsSync } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { pack, packageName } from './package.mjs'
import { tool } from './paths.mjs'
import { run } from './process.mjs'

/** The ways of resolving that are looked at; `node10` knows no subpaths, and is no way of Node.js any more. */
export const ways = /** @type {const} */ (['node16-cjs', 'node16-esm', 'bundler'])

/** @typedef {{ types: string, program: string, problems: string[] }} Resolution files relative to the package */
/** @typedef {Record<typeof ways[number], Resolution>} Resolutions */
/** @typedef {{ fileName: string }} AttwFile */
/** @typedef {{ resolution?: AttwFile, implementationResolution?: AttwFile, visibleProblems: number[] }} AttwResolution */
/** @typedef {{ analysis: { entrypoints: Record<string, { resolutions: Record<string, AttwResolution> }>, problems: { kind: string }[] } }} AttwReport */

/**
 * What TypeScript finds for each entry, in each way of resolving.
 *
 * @returns {Promise<{ isClean: boolean, found: Map<string, Resolutions> }>}
 */
export async function resolutions() {
  const args = [await pack(), '--profile', 'node16', '--format=json']
  const { code, stdout } = await run(tool('attw'), args)
  /** @type {AttwReport} */
  const { analysis } = JSON.parse(stdout)
  const inPackage = (/** @type {AttwFile | undefined} */ file) =>
    file?.fileName.split(`${packageName}/`)[1] ?? 'none'
  const entries = Object.entries(analysis.entrypoints).map(([entry, found]) => {
    const rows = ways.map((way) => {
      const {
        resolution,
        implementationResolution,
        visibleProblems = [],
      } = found.resolutions[way] ?? {}
      const problems = visibleProblems.map((index) => analysis.problems[index]?.kind ?? 'unknown')
      return [
        way,
        { types: inPackage(resolution), program: inPackage(implementationResolution), problems },
      ]
    })
    return /** @type {const} */ ([entry, Object.fromEntries(rows)])
  })
  return { isClean: code === 0, found: new Map(entries) }
}

/**
 * What publint says, strictly.
 *
 * @param {string} installed the package
 */
export async function publintMessages(installed) {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true, pack: false })
  return messages.map((message) => formatMessage(message, pkg) ?? message.code)
}

/** What npm runs when a package is installed. */
const scripts = ['preinstall', 'install', 'postinstall']

/**
 * What comes into a project with the package, itself included.
 *
 * @param {string} project
 */
export async function installedPackages(project) {
  const modules = join(project, 'node_modules')
  /** @type {{ packages: Record<string, { version: string, hasInstallScript?: true }> }} */
  const lock = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8'))
  return Promise.all(
    Object.entries(lock.packages).map(async ([path, { version, hasInstallScript }]) => {
      const folder = join(project, path)
      /** @type {{ scripts?: Record<string, string> }} */
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
      const own = scripts.filter((name) => manifest.scripts?.[name] !== undefined)
      // It is compiled without being asked for.
      const isCompiled = existsSync(join(folder, 'binding.gyp'))
      return {
        name: path.replace(/^.*node_modules\//, ''),
        version,
        bytes: await bytesIn(folder),
        runsAtInstall: own.length > 0 || isCompiled || hasInstallScript === true,
      }
    }),
  )
}

/**
 * As `du` counts it: whole blocks.
 *
 * @param {string} folder
 * @returns {Promise<number>}
 */
async function bytesIn(folder) {
  const entries = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(
    ['.', ...entries].map(async (path) => (await lstat(join(folder, path))).blocks * 512),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
