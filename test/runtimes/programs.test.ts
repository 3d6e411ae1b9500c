import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, inject, it } from 'vitest'
import { pathOf } from '../support/path-of.ts'
import { runOrThrow } from '../tools/process.mjs'
import { checkRuntime, type Trial } from './check-runtime.ts'
import type { Order } from './portable/suite.mjs'

const consumer = inject('consumer')
const programs = inject('programs')
const nodes = ['node20', 'node22', 'node24', 'node26'] as const
const formats = [
  ['ES modules', 'programs/program.mjs'],
  ['CommonJS', 'programs/program.cjs'],
] as const

/** Runs a program that says in JSON what came of the cases, and has to end by itself. */
async function runProgram(
  [command, ...args]: readonly [string, ...string[]],
  order: Order,
): Promise<Trial['outcomes']> {
  const output = await runOrThrow(command, [...args, JSON.stringify(order)], {
    cwd: consumer,
    env: { DENO_DIR: join(order.folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', HOME: order.folder },
    timeoutMs: 240_000,
  })
  return JSON.parse(output)
}

/** The first version number that a program says of itself. */
async function versionOf(...[command, ...args]: readonly [string, ...string[]]): Promise<string> {
  const output = await runOrThrow(command, args)
  return /\d[\w.-]+/.exec(output)?.[0] ?? output.trim()
}

describe('the packed package does what every runtime has to be able to do', {
  timeout: 300_000,
}, () => {
  for (const name of nodes) {
    it.for(formats)(`in Node.js ${name.slice(4)}, as %s`, async ([, program], context) => {
      const node = pathOf(programs[name], context)
      await checkRuntime(context, {
        run: async (order) => ({
          outcomes: await runProgram([node, program], order),
          version: await versionOf(node, '--version'),
        }),
      })
    })
  }

  it('in Bun', async (context) => {
    const bun = pathOf(programs.bun, context)
    await checkRuntime(context, {
      run: async (order) => ({
        outcomes: await runProgram([bun, 'programs/program.mjs'], order),
        version: await versionOf(bun, '--version'),
      }),
    })
  })

  it('in Deno', async (context) => {
    const deno = pathOf(programs.deno, context)
    const flags = ['--allow-all', '--no-lock', '--cached-only', '--node-modules-dir=manual']
    await checkRuntime(context, {
      run: async (order) => ({
        outcomes: await runProgram([deno, 'run', ...flags, 'programs/program.mjs'], order),
        version: await versionOf(deno, '--version'),
      }),
    })
  })

  it('in workerd', async (context) => {
    const miniflare = pathOf(programs.miniflare, context)
    await bundleWorker()
    await checkRuntime(context, {
      run: async (order) => ({
        outcomes: await runProgram([process.execPath, 'programs/workerd.mjs', miniflare], order),
        version: await versionOf(join(miniflare, '../../../../.bin/workerd'), '--version'),
      }),
      notApplicable: ['store'],
    })
  })
})

/** Workers are bundled before they are uploaded; a peer that is not installed stays an import. */
async function bundleWorker(): Promise<void> {
  await build({
    absWorkingDir: consumer,
    entryPoints: ['programs/worker.mjs'],
    outfile: 'worker.bundle.mjs',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker'],
    external: ['@modelcontextprotocol/*'],
    logLevel: 'error',
  })
}
