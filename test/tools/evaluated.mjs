import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { root } from './paths.mjs'
import { runOrThrow } from './process.mjs'

/** Says the address of each module before Node.js reads it. */
const hook = `
  import { writeSync } from 'node:fs'
  export const load = (url, context, next) => {
    writeSync(1, url + '\\n')
    return next(url, context)
  }`

const scripts = {
  esm: `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
    await import(process.argv[1])`,
  cjs: `
    require(process.argv[1])
    for (const file of Object.keys(require.cache)) console.log(require('url').pathToFileURL(file).href)`,
}

/**
 * The files that Node.js really reads when an entry is imported and nothing is called, or that a program comes to read.
 *
 * @param {string} entry a specifier, or a file's path
 * @param {{ format: 'esm' | 'cjs', cwd?: string, env?: Record<string, string> }} options
 */
export async function evaluatedFiles(entry, { format, cwd = root, env = {} }) {
  const type = format === 'esm' ? 'module' : 'commonjs'
  const output = await runOrThrow(
    process.execPath,
    [`--input-type=${type}`, '--eval', scripts[format], entry],
    { cwd, env },
  )
  const urls = output.split('\n').filter((line) => line.startsWith('file:'))
  return urls.map((url) => fileURLToPath(url))
}

/** @param {readonly string[]} files */
export function bytesOf(files) {
  return files.reduce((total, file) => total + statSync(file).size, 0)
}
