/**
 * `npm run size`: what the package costs. Per entry, and for what applications take of it:
 * - first load: what a page or program reads before it calls anything, min+gzip
 * - with all chunks: the same with everything that is loaded on first use, dependencies included
 * - evaluated: the bytes as shipped that Node.js reads at the import, as ES modules and as CommonJS
 */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { ensureBuild } from '../tools/build.mjs'
import { bytesOf, evaluatedFiles } from '../tools/evaluated.mjs'
import { packageName, readEntries } from '../tools/package.mjs'
import { root } from '../tools/paths.mjs'
import { printTable } from '../tools/table.mjs'

/** @typedef {{ title: string, code: string, platform: 'browser' | 'node', files?: { import: string, require: string } }} Scenario */

/** @type {{ peerDependencies: Record<string, string> }} */
const { peerDependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8'))

await ensureBuild()
const rows = await Promise.all((await scenarios()).map(measure))
printTable(['', 'first load', 'with all chunks', 'evaluated (ESM)', 'evaluated (CJS)'], rows)

/** @returns {Promise<Scenario[]>} */
async function scenarios() {
  const entries = Object.entries(await readEntries())
  return [
    ...entries.map(([specifier, files]) =>
      entryScenario(specifier.replace(packageName, '.'), files),
    ),
    {
      title: 'AuthClient with memoryStore',
      code: `export { AuthClient, memoryStore } from './dist/index.js'`,
      platform: 'browser',
    },
    {
      title: 'LanonasisClient',
      code: `export { LanonasisClient } from './dist/index.js'`,
      platform: 'browser',
    },
  ]
}

/**
 * @param {string} title
 * @param {{ import: string, require: string }} files
 * @returns {Scenario}
 */
function entryScenario(title, files) {
  const platform = /\b(node|vscode)$/.test(title) ? 'node' : 'browser'
  return { title, code: `export * from '${files.import}'`, platform, files }
}

/** @param {Scenario} scenario */
async function measure({ title, code, platform, files }) {
  const sizes = await bundle(code, platform)
  const evaluated = files
    ? await Promise.all([
        evaluatedFiles(`${root}${files.import}`, { format: 'esm' }),
        evaluatedFiles(`${root}${files.require}`, { format: 'cjs' }),
      ])
    : []
  return [title, ...[sizes.first, sizes.all, ...evaluated.map(bytesOf)].map(kilobytes)]
}

/**
 * @param {string} code
 * @param {'browser' | 'node'} platform
 */
async function bundle(code, platform) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'entry' },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform,
    outdir: 'out',
    write: false,
    metafile: true,
    // An application that uses one has it anyway.
    external: Object.keys(peerDependencies),
    // Not its remarks on files that are imported and not needed.
    logLevel: 'error',
  })
  const gzipped = new Map(
    outputFiles.map(({ path, contents }) => [path.slice(root.length), gzipSync(contents).length]),
  )
  const sum = (/** @type {Iterable<string>} */ paths) =>
    [...paths].reduce((total, path) => total + (gzipped.get(path) ?? 0), 0)
  const entry = Object.keys(metafile.outputs).find(
    (path) => metafile.outputs[path]?.entryPoint === 'entry',
  )
  return {
    first: sum(reachable(metafile, entry ?? '', ['import-statement'])),
    // Not all that esbuild writes: chunks that only unused code would load are left alone by everybody.
    all: sum(reachable(metafile, entry ?? '', ['import-statement', 'dynamic-import'])),
  }
}

/**
 * @param {import('esbuild').Metafile} metafile
 * @param {string} entry
 * @param {readonly string[]} kinds of imports to follow
 */
function reachable(metafile, entry, kinds) {
  const files = new Set([entry])
  for (const path of files) {
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kinds.includes(kind)) files.add(imported)
    }
  }
  return files
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`
}
