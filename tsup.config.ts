import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, relative } from 'node:path'
import { type BuildOptions, type Plugin as BundlerPlugin, transform } from 'esbuild'
import { rollup } from 'rollup'
import { defineConfig, type Options } from 'tsup'
import { joinModules } from './test/tools/joined-modules.mjs'
import { licencesOf } from './test/tools/licences.mjs'

type BuildPlugin = NonNullable<Options['plugins']>[number]

/** Loaded on first use, where they are installed. Both have a CommonJS build of their own. */
const optionalPeers = /^@modelcontextprotocol\//

/**
 * One build of all entries per format, with code splitting: an error or a client made through one
 * entry is then of the same class as through another, and what the source imports lazily becomes a
 * chunk of its own that is read on first use.
 *
 * The protocol libraries are ESM only: inlining them (tree-shaken) makes the CommonJS build work
 * everywhere, and starts faster than resolving three packages from disk.
 */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    browser: 'src/browser.ts',
    redis: 'src/redis.ts',
    vscode: 'src/vscode.ts',
    mcp: 'src/mcp.ts',
    testing: 'src/testing.ts',
    'testing-node': 'src/testing-node.ts',
  },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2022',
  dts: {
    // Internal constructors name types of the libraries, which a consumer does not have.
    compilerOptions: { stripInternal: true },
    // What a client is disposed by is in no library that generators of projects ask for.
    banner: '/// <reference lib="esnext.disposable" />',
  },
  sourcemap: true,
  clean: true,
  silent: true,
  external: [/^node:/, optionalPeers],
  noExternal: ['eventsource-parser', 'ky', 'oauth4webapi', 'uqr', 'zod'],
  // A runtime that is not Node.js knows these modules by their prefix only.
  removeNodeProtocol: false,
  esbuildOptions: (options, { format }) => {
    options.chunkNames = 'chunks/[name]-[hash]'
    if (format === 'cjs') splitAsModules(options)
  },
  esbuildPlugins: [shipLicences(), joinModules(), dropLibrarySources()],
  plugins: [finishChunks()],
})

/** esbuild splits ES modules only, so the CommonJS build is one of ES modules until `finishChunks`. */
function splitAsModules(options: BuildOptions): void {
  options.format = 'esm'
  options.splitting = true
}

interface Chunk {
  readonly code: string
  readonly map: string
}

function finishChunks(): BuildPlugin {
  return {
    name: 'finish-chunks',
    async renderChunk(code, { path, type, map }) {
      if (type !== 'chunk') return
      const chunk = { code, map: String(map) }
      return strip(this.format === 'cjs' ? await toCommonJs(chunk, path) : chunk, path)
    },
  }
}

/**
 * tsup's own way, sucrase, rewrites `?.` and `??` into slow helpers; esbuild's adds a kilobyte of
 * helpers to each chunk.
 */
async function toCommonJs({ code, map }: Chunk, path: string): Promise<Chunk> {
  const bundle = await rollup({
    input: path,
    external: (id) => id !== path,
    plugins: [
      { name: 'this-chunk', resolveId: (id) => id, load: () => ({ code, map }) },
      {
        name: 'missing-peers',
        // A `try` around the call itself: by that a bundler knows that the package may be missing.
        renderDynamicImport: ({ targetModuleId }) =>
          optionalPeers.test(targetModuleId ?? '')
            ? {
                left: '(async()=>{try{return require(',
                right: ')}catch(error){throw error}})()',
              }
            : null,
      },
    ],
    treeshake: false,
    onLog: () => {},
  })
  const { output } = await bundle.generate({
    format: 'cjs',
    file: path,
    sourcemap: true,
    // As `require`, still lazily: `import()` fails in Jest and other hosts without ES modules.
    dynamicImportInCjs: false,
    // Our own chunks need no wrapping; a default import of anything else does.
    interop: (id) => (isAbsolute(id ?? '') ? 'esModule' : 'auto'),
    esModule: !path.includes('/chunks/'),
    externalLiveBindings: false,
    freeze: false,
    generatedCode: { preset: 'es2015', symbols: false },
  })
  return { code: output[0].code, map: String(output[0].map) }
}

/**
 * Comments, indentation and long names are half of what a command line reads at its start, so our own
 * chunks go without; the source maps have them. Chunks with libraries keep them: `@__PURE__` is a
 * comment, and without it a consumer's bundler could no longer leave out what is not used.
 */
async function strip(chunk: Chunk, path: string): Promise<Chunk> {
  if (/^\/\/ node_modules\//m.test(chunk.code)) return { ...chunk, map: namesOnly(chunk.map) }
  const map = Buffer.from(chunk.map).toString('base64')
  return transform(`${chunk.code}\n//# sourceMappingURL=data:application/json;base64,${map}`, {
    target: 'es2022',
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    // An error that nobody catches shows the line it comes from.
    lineLimit: 1_000,
    sourcemap: true,
    // Not the whole path: a chunk of exports only is its own source.
    sourcefile: basename(path),
  })
}

/** Of a map that leads to libraries only: who installs the package does not have their files. */
function namesOnly(text: string): string {
  const map: { sources: string[] } = JSON.parse(text)
  const isOurs = map.sources.some((source) => !source.includes('node_modules/'))
  return isOurs ? text : JSON.stringify({ ...map, names: [], mappings: '' })
}

/** Their licences ask that the text goes along with the code. */
function shipLicences(): BundlerPlugin {
  return {
    name: 'ship-licences',
    setup(build) {
      build.onEnd(async ({ metafile }) => {
        if (metafile === undefined) return
        await mkdir('dist', { recursive: true })
        await writeFile('dist/THIRD-PARTY-LICENSES.txt', await licencesOf(metafile))
      })
    },
  }
}

/** In the source maps: they would be the larger half of the package, and are to be had from their own. */
function dropLibrarySources(): BundlerPlugin {
  return {
    name: 'drop-library-sources',
    setup(build) {
      build.onEnd(({ outputFiles = [] }) => {
        for (const file of outputFiles.filter(({ path }) => path.endsWith('.map'))) {
          const map: { sources: string[]; sourcesContent: (string | null)[] } = JSON.parse(
            file.text,
          )
          const isOurs = (index: number) => !map.sources[index]?.includes('node_modules/')
          // Wherever this machine has them: in the package's own folder a debugger may find them.
          const top = `${relative(dirname(file.path), '.')}/`
          map.sources = map.sources.map((source) => source.replace(/^.*?(?=node_modules\/)/, top))
          map.sourcesContent = map.sourcesContent.map((text, index) =>
            isOurs(index) ? text : null,
          )
          file.contents = new TextEncoder().encode(JSON.stringify(map))
        }
      })
    },
  }
}
