import { resolve } from 'node:path'
import { build } from 'esbuild'

/**
 * Modules that many parts need, as one module for each of a few groups. Bundlers make a chunk of every set of
 * modules that the same parts share: dozens of a few lines each, and every seam between two chunks costs
 * an import in all that need both and ends what compression can refer back to.
 *
 * - what a client is made of: whoever makes one reads it, whatever is called
 * - what several of the parts need that are loaded on first use: whoever calls anything reads it
 * - a few lines each that entries need as well which read nothing else of the parts
 *
 * A module that loads others on first use stays itself: bundlers keep what a module could come to load,
 * although nothing in use would.
 */
const groups = [
  { name: 'client', roots: ['src/client/lanonasis-client.ts'], sharedBy: 1 },
  {
    name: 'parts',
    roots: [
      'src/client/requests.ts',
      'src/client/server-access.ts',
      'src/client/services.ts',
      'src/client/signing.ts',
      'src/session/renewing.ts',
    ],
    sharedBy: 2,
  },
  {
    name: 'tools',
    roots: ['src/async/pause.ts', 'src/session/token-hash.ts'],
    sharedBy: 1,
  },
  {
    name: 'descriptions',
    roots: ['src/browser/indexed-db/description.ts', 'src/browser/web-storage/description.ts'],
    sharedBy: 1,
  },
]

/** What is loaded on first use, and is part of another module that is: for each the module, and who has it all. */
const facades = new Map(
  ['src/api-keys/requests.ts', 'src/memory/requests.ts'].map((path) => [
    resolve(path),
    resolve('src/client/services.ts'),
  ]),
)

/** @returns {import('esbuild').Plugin} */
export function joinModules() {
  return {
    name: 'join-modules',
    async setup(build) {
      const homes = await findHomes()
      build.onResolve({ filter: /^joined:/ }, ({ path }) => ({ path, namespace: 'joined' }))
      build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir, kind }) => {
        const file = resolve(resolveDir, path)
        const whole = kind === 'dynamic-import' ? facades.get(file) : undefined
        if (whole !== undefined) return { path: whole }
        const home = homes.get(file)
        return home === undefined
          ? undefined
          : { path: home, namespace: 'joined', sideEffects: false }
      })
      build.onLoad({ filter: /.*/, namespace: 'joined' }, async ({ path }) => ({
        contents: await join(path, homes),
        resolveDir: resolve('src'),
      }))
    },
  }
}

/** Which group each module belongs to. */
async function findHomes() {
  /** @type {Map<string, string>} */
  const homes = new Map()
  for (const { name, roots, sharedBy } of groups) {
    const { metafile } = await build({
      entryPoints: roots,
      bundle: true,
      format: 'esm',
      splitting: true,
      outdir: 'out',
      write: false,
      metafile: true,
      packages: 'external',
      logLevel: 'error',
    })
    const reached = roots.map((root) => reachedFrom(root, metafile))
    for (const path of new Set(reached.flatMap((paths) => [...paths]))) {
      const users = reached.filter((paths) => paths.has(path)).length
      const file = resolve(path)
      if (users >= sharedBy && isSelfContained(path, metafile) && !homes.has(file)) {
        homes.set(file, `joined:${name}`)
      }
    }
  }
  return homes
}

/**
 * What a module reads at once, and what that reads.
 *
 * @param {string} root
 * @param {import('esbuild').Metafile} metafile
 */
function reachedFrom(root, metafile) {
  const paths = new Set([root])
  for (const path of paths) {
    for (const { path: imported, kind, external } of metafile.inputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && !external) paths.add(imported)
    }
  }
  return paths
}

/**
 * Whether a module, and all that it reads, loads nothing on first use and needs no library.
 *
 * @param {string} path
 * @param {import('esbuild').Metafile} metafile
 */
function isSelfContained(path, metafile) {
  return [...reachedFrom(path, metafile)].every((reached) =>
    (metafile.inputs[reached]?.imports ?? []).every(
      ({ kind, external }) => kind === 'import-statement' && !external,
    ),
  )
}

/**
 * The modules of one group as one.
 *
 * @param {string} name
 * @param {ReadonlyMap<string, string>} homes
 */
async function join(name, homes) {
  const files = [...homes].filter(([, home]) => home === name).map(([file]) => file)
  const { outputFiles } = await build({
    stdin: {
      contents: files.map((file) => `export * from ${JSON.stringify(file)}`).join('\n'),
      resolveDir: resolve('src'),
    },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'external',
    outfile: resolve('src/joined.js'),
    write: false,
    plugins: [
      {
        name: 'other-groups',
        setup: (build) =>
          build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
            const home = homes.get(resolve(resolveDir, path))
            return home === undefined || home === name ? undefined : { path: home, external: true }
          }),
      },
    ],
  })
  const [map, code] = ['.map', '.js'].map((end) =>
    outputFiles.find(({ path }) => path.endsWith(end)),
  )
  return `${code?.text}\n//# sourceMappingURL=data:application/json;base64,${seenFromChunks(map?.text)}`
}

/**
 * A source map whose sources are named as they are seen from the folder of the chunks: esbuild cannot know
 * where a module that is no file is.
 *
 * @param {string} [text]
 */
function seenFromChunks(text = '{}') {
  const map = JSON.parse(text)
  const sources = map.sources.map((/** @type {string} */ source) => `../../src/${source}`)
  return Buffer.from(JSON.stringify({ ...map, sources })).toString('base64')
}
