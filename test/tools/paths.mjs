import { fileURLToPath } from 'node:url'

/** The folder of this repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))
/** What the tools of this repository keep between runs; ignored by git. */
export const cache = `${root}.cache`

/**
 * A tool of the project's own dependencies.
 *
 * @param {string} name
 */
export function tool(name) {
  return `${root}node_modules/.bin/${name}`
}
