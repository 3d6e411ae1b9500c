import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = new Map<string, Promise<string>>()
let folder: string | undefined

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
  const started = buildProgram(path)
  built.set(path, started)
  return started
}

async function buildProgram(entry: string): Promise<string> {
  const outfile = join(outputFolder(), `${basename(entry).replace(/\.\w+$/, '')}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
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

function outputFolder(): string {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(tmpdir(), 'auth-client-bundle-'))
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  folder = made
  return made
}
