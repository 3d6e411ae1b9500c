import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, tool } from './paths.mjs'
import { runOrThrow } from './process.mjs'

/** Builds the package if it was changed since. Without its types, which take the most time. */
export async function ensureBuild() {
  if (modifiedAt('dist/index.js') > changedAt()) return
  await runOrThrow(tool('tsup'), ['--no-dts'])
}

/** When what a build is made from was changed last, epoch ms. */
export function changedAt() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  return Math.max(
    ...sources.map((path) => modifiedAt(join('src', path))),
    ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts'].map(modifiedAt),
    ...[
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'test/tools/joined-modules.mjs',
      'test/tools/licences.mjs',
    ].map(modifiedAt),
  )
}

/**
 * @param {string} path in this repository
 * @returns {number} 0 when there is no such file
 */
export function modifiedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}
