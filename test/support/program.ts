import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './directories.ts'

/** A program of a person, run by Node on its own, with this package from its source. */
export interface Program {
  /** What it printed, line by line. */
  readonly lines: AsyncIterableIterator<string>
  /** How it ended; by itself, for nobody stops it before the end of the test. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
}

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** Runs `code`, which imports from `./node.ts` and the like. */
export async function runProgram(code: string, env: Record<string, string>): Promise<Program> {
  const outfile = await buildProgram(code)
  const child = spawn(process.execPath, [outfile], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { lines: linesOf(child)[Symbol.asyncIterator](), ended: endOf(child) }
}

/** Makes one file of `code` and what it imports from here. It is gone after the test. */
export async function buildProgram(code: string): Promise<string> {
  const outfile = join(await temporaryDirectory(), 'program.mjs')
  await build({
    stdin: { contents: code, resolveDir: source, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // For the CommonJS of what is bundled in.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)",
    },
    outfile,
    logLevel: 'error',
  })
  return outfile
}

function linesOf({ stdout }: ChildProcessByStdio<null, Readable, Readable>): Interface {
  return createInterface({ input: stdout })
}

async function endOf(child: ChildProcessByStdio<null, Readable, Readable>) {
  const chunks: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stderr: Buffer.concat(chunks).toString('utf8') }
}
