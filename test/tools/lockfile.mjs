import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

/**
 * @typedef {{ version?: string, resolved?: string, optionalDependencies?: Record<string, string> }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */

const path = join(root, 'package-lock.json')

/** @returns {Lockfile} */
export function readLockfile() {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/**
 * Optional dependencies without an entry. npm leaves them out when a registry does not serve the
 * builds for other platforms, and then `npm ci` refuses the file.
 *
 * @param {Lockfile} lockfile
 * @returns {{ name: string, version: string }[]}
 */
export function missingFrom({ packages }) {
  const present = new Set(Object.keys(packages).map((place) => place.split('node_modules/').at(-1)))
  return Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.entries(optionalDependencies))
    .filter(([name]) => !present.has(name))
    .map(([name, version]) => ({ name, version }))
}

/** Adds them, with the platforms that their names tell: node test/tools/lockfile.mjs */
function complete() {
  const lockfile = readLockfile()
  for (const { name, version } of missingFrom(lockfile)) {
    const [, os, cpu] =
      /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)/.exec(name) ?? []
    if (os === undefined || cpu === undefined) throw new Error(`For which platform is ${name}?`)
    const libc = /musl/.test(name) ? ['musl'] : /gnu/.test(name) ? ['glibc'] : undefined
    const entry = { version, cpu: [cpu], dev: true, libc, optional: true, os: [os] }
    lockfile.packages[`node_modules/${name}`] = entry
  }
  const entries = Object.entries(lockfile.packages)
  const sorted = entries.sort(([one], [other]) => one.localeCompare(other, 'en'))
  writeFileSync(
    path,
    `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
  )
}

if (process.argv[1] === import.meta.filename) complete()
