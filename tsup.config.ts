import { defineConfig } from 'tsup'

/**
 * One build of all entries per format, with code splitting, so that an error or a client made
 * through one entry is the same class as through another. What is imported lazily in the source
 * becomes a chunk of its own and is read on first use.
 *
 * The protocol libraries are ESM only: inlining them (tree-shaken) makes the CommonJS build work
 * everywhere, and starts faster than resolving four packages from disk.
 */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    testing: 'src/testing.ts',
    'testing-node': 'src/testing-node.ts',
  },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2022',
  splitting: true,
  treeshake: false,
  dts: true,
  sourcemap: true,
  clean: true,
  external: [/^node:/],
  noExternal: ['ky', 'oauth4webapi', 'zod'],
  removeNodeProtocol: false,
})
