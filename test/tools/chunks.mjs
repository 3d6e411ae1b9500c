import { dirname, resolve } from 'node:path'
import { build } from 'esbuild'

/**
 * A built entry and every chunk that it can come to load.
 *
 * @param {string} file
 * @returns {Promise<{ files: string[], externals: string[] }>} their paths, and what they import besides
 */
export async function chunkGraph(file) {
  const folder = dirname(file)
  const { metafile } = await build({
    entryPoints: [file],
    absWorkingDir: folder,
    bundle: true,
    write: false,
    metafile: true,
    external: ['node:*'],
    packages: 'external',
    format: 'esm',
    logLevel: 'error',
  })
  const imports = Object.values(metafile.inputs).flatMap(({ imports }) => imports)
  return {
    files: Object.keys(metafile.inputs).map((path) => resolve(folder, path)),
    externals: [...new Set(imports.filter(({ external }) => external).map(({ path }) => path))],
  }
}
