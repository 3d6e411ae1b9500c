/**
 * `npm run size`: what the package costs. Per entry, and for what applications take of it:
 * - first load: what a page or program reads before it calls anything, min+gzip
 * - with all chunks: the same with everything that is loaded on first use, dependencies included
 * - evaluated: the bytes as shipped that Node.js reads at the import, as ES modules and as CommonJS
 *
 * Then the budgets of `budgets.mjs`, and it fails above them. `npm run size -- --modules` says as well which
 * modules the bytes are of; `--json` prints everything as one object and nothing else.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { ensureBuild } from '../tools/build.mjs'
import { bytesOf, evaluatedFiles } from '../tools/evaluated.mjs'
import { packageName, readEntries } from '../tools/package.mjs'
import { root } from '../tools/paths.mjs'
import { printTable } from '../tools/table.mjs'
import { budgets } from './budgets.mjs'

/** @typedef {{ title: string, code: string, platform: 'browser' | 'node', files?: { import: string, require: string } }} Scenario */
/** @typedef {{ path: string, contents: Uint8Array, gzipped: number }} Chunk */

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean' }, modules: { type: 'boolean' } },
})
/** @type {{ peerDependencies: Record<string, string> }} */
const { peerDependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8'))

await ensureBuild()
const entries = await Promise.all((await scenarios()).map(measure))
const checked = await Promise.all(budgets.map(check))
if (flags.json) console.log(JSON.stringify({ entries, budgets: checked }, null, 2))
else print()
if (checked.some(({ isKept }) => !isKept)) process.exitCode = 1

function print() {
  const head = ['', 'first load', 'with all chunks', 'evaluated (ESM)', 'evaluated (CJS)']
  const columns = (/** @type {(typeof entries)[number]} */ { first, all, evaluated }) =>
    [first, all, ...evaluated].map(kilobytes)
  printTable(
    head,
    entries.map((entry) => [entry.title, ...columns(entry)]),
  )
  console.log('\nBudgets: min+gzip, all dependencies\n')
  printTable(
    ['', 'target', 'first load', 'used', 'limit', 'all chunks', 'limit', 'as one file', ''],
    checked.map(({ title, target, limit, sizes, isKept }) => [
      title,
      `${target} KB`,
      kilobytes(sizes.first),
      sizes.used === undefined ? '' : kilobytes(sizes.used),
      limit.used === undefined ? '' : `${limit.used} KB`,
      kilobytes(sizes.all),
      `${limit.all} KB`,
      kilobytes(sizes.one),
      isKept ? (limit.all > target ? 'kept; target not reached' : 'kept') : 'EXCEEDED',
    ]),
  )
  if (flags.modules) for (const { title, modules } of checked) printModules(title, modules)
}

/**
 * @param {string} title
 * @param {readonly { path: string, minified: number }[]} modules
 */
function printModules(title, modules) {
  console.log(`\n${title}: modules, minified\n`)
  printTable(
    ['', 'bytes'],
    modules.map(({ path, minified }) => [path, String(minified)]),
  )
}

/** @param {(typeof budgets)[number]} budget */
async function check({ title, code, target, limit }) {
  const chunked = await bundle(code, 'browser')
  const one = await bundle(code, 'browser', { splitting: false })
  const used = limit.used === undefined ? undefined : await usedBy(chunked.chunks)
  const sizes = { ...chunked.sizes, one: one.sizes.all, used }
  const isWithin = (
    /** @type {number | undefined} */ size,
    /** @type {number | undefined} */ most,
  ) => size === undefined || most === undefined || size <= most * 1024
  return {
    title,
    target,
    limit,
    sizes,
    isKept: isWithin(sizes.all, limit.all) && isWithin(sizes.used, limit.used),
    modules: await modulesOf(code),
  }
}

/**
 * What of these chunks is loaded when the client is used.
 *
 * @param {readonly Chunk[]} chunks
 */
async function usedBy(chunks) {
  const folder = await mkdtemp(join(tmpdir(), 'lanonasis-size-'))
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    for (const { path, contents } of chunks) await writeFile(join(folder, basename(path)), contents)
    const entry = join(folder, basename(chunks[0]?.path ?? ''))
    const scenario = join(root, 'test/package/size-scenario.mjs')
    const files = await evaluatedFiles(scenario, { format: 'esm', env: { BUNDLE: entry } })
    const names = new Set(
      files.filter((file) => file.startsWith(folder)).map((file) => basename(file)),
    )
    if (names.size === 0) throw new Error('The scenario has loaded nothing.')
    return sum(chunks.filter(({ path }) => names.has(basename(path))))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * Whose the bytes are, largest first: bundled from the sources, because the build has joined some.
 *
 * @param {string} code
 */
async function modulesOf(code) {
  const sources = code.replace(/\.\/dist\/(\w+)\.js/g, './src/$1.ts')
  const { inputs } = await bundle(sources, 'browser', { splitting: false })
  return Object.entries(inputs)
    .map(([path, { bytesInOutput }]) => ({
      path: path.replace(/^.*node_modules\//, ''),
      minified: bytesInOutput,
    }))
    .filter(({ minified }) => minified > 0)
    .sort((a, b) => b.minified - a.minified)
}

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
  const { sizes } = await bundle(code, platform)
  const evaluated = files
    ? await Promise.all([
        evaluatedFiles(`${root}${files.import}`, { format: 'esm' }),
        evaluatedFiles(`${root}${files.require}`, { format: 'cjs' }),
      ])
    : []
  return { title, ...sizes, evaluated: evaluated.map(bytesOf) }
}

/**
 * @param {string} code
 * @param {'browser' | 'node'} platform
 * @param {{ splitting?: boolean }} [options]
 */
async function bundle(code, platform, { splitting = true } = {}) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'entry' },
    bundle: true,
    minify: true,
    splitting,
    format: 'esm',
    target: 'es2022',
    platform,
    absWorkingDir: root,
    outdir: 'out',
    write: false,
    metafile: true,
    // An application that uses one has it anyway.
    external: Object.keys(peerDependencies),
    // Not its remarks on files that are imported and not needed.
    logLevel: 'error',
  })
  const written = new Map(
    outputFiles.map(({ path, contents }) => [path.slice(root.length), contents]),
  )
  const chunksOf = (/** @type {Iterable<string>} */ paths) =>
    [...paths].flatMap((path) => {
      const contents = written.get(path)
      return contents ? [{ path, contents, gzipped: gzipSync(contents).length }] : []
    })
  const [entry = ''] = Object.entries(metafile.outputs).flatMap(([path, { entryPoint }]) =>
    entryPoint === 'entry' ? [path] : [],
  )
  // Not all that esbuild writes: chunks that only unused code would load are left alone by everybody.
  const chunks = chunksOf(reachable(metafile, entry, ['import-statement', 'dynamic-import']))
  return {
    chunks,
    inputs: metafile.outputs[entry]?.inputs ?? {},
    sizes: {
      first: sum(chunksOf(reachable(metafile, entry, ['import-statement']))),
      all: sum(chunks),
    },
  }
}

/** @param {readonly Chunk[]} chunks */
function sum(chunks) {
  return chunks.reduce((total, { gzipped }) => total + gzipped, 0)
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
