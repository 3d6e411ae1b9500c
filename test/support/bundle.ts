import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = new Map<string, Promise<string>>()
let folder: Promise<string> | undefined

afterAll(async () => {
  if (folder !== undefined) await rm(await folder, { recursive: true, force: true })
})

/**
 * Makes one file of a TypeScript program of this repository and all it imports, for Node.js to run in a
 * process of its own. Each is built once for a test file, and gone after it.
 *
 * @param entry absolute, or from the root of the repository
 * @returns the path of the file
 */
export function bundle(entry: string): Promise<string> {
  const path = resolve(root, entry)
  const known = built.get(path)
  if (known !== undefined) return known
  const started = buildProgram(path, { name: basename(path).replace(/\.\w+$/, '') })
  built.set(path, started)
  return started
}

/** Makes a program as {@link bundle} does, with changes of its own: each time anew, under its own name. */
export async function buildProgram(
  entry: string,
  { name, plugins = [] }: { readonly name: string; readonly plugins?: Plugin[] },
): Promise<string> {
  folder ??= mkdtemp(join(tmpdir(), 'auth-client-bundle-'))
  const outfile = join(await folder, `${name}.mjs`)
  await build({
    entryPoints: [resolve(root, entry)],
    outfile,
    plugins,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Some libraries are CommonJS and ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
  })
  return outfile
}
