import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { beforeAll, describe, expect, inject, it, type TestContext } from 'vitest'
import { type ServePlatformOptions, servePlatform } from '../../src/testing-node.ts'
import { runOrThrow } from '../tools/process.mjs'
import type { Program } from '../tools/programs.mjs'
import { servePage } from './page.ts'
import type { Input } from './portable.mjs'

const consumer = inject('consumer')
const programs = inject('programs')

beforeAll(async () => {
  const files = ['portable.mjs', 'program.mjs', 'program.cjs', 'worker.mjs', 'workerd.mjs']
  await Promise.all(
    files.map((file) => copyFile(join(import.meta.dirname, file), join(consumer, file))),
  )
})

/** Has a runtime do its exercises against the services, and looks at both sides. */
async function check(
  run: (input: Input) => Promise<unknown>,
  options: ServePlatformOptions = {},
): Promise<void> {
  await using platform = await servePlatform({ limits: false, ...options })
  const [tokens, otherTokens] = [await platform.issueTokens(), await platform.issueTokens()]

  const result = await run({ endpoints: platform.endpoints, tokens, otherTokens })

  expect(result).toEqual({
    status: 'signed-in',
    isStoredToken: true,
    created: 'Portable',
    listed: [{ title: 'Portable', isCreated: true }],
    foreign: 'origin_not_allowed',
    isRenewed: true,
    renewals: 1,
    apiKey: true,
  })
  expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  const calls = platform.requests.filter(
    ({ method, path }) => method !== 'OPTIONS' && !path.startsWith('/oauth'),
  )
  expect(calls.map(({ credential }) => credential)).toEqual(['bearer', 'bearer'])
}

/** A runtime that could not be installed is reported as skipped, with the reason. */
function pathOf(program: Program, { skip }: TestContext): string {
  return 'path' in program ? program.path : skip(program.missing)
}

async function runProgram(program: string, args: string[], input: Input): Promise<unknown> {
  const output = await runOrThrow(program, [...args, JSON.stringify(input)], {
    cwd: consumer,
    env: { DENO_DIR: join(consumer, '.deno'), DENO_NO_UPDATE_CHECK: '1' },
    timeoutMs: 60_000,
  })
  return JSON.parse(output)
}

describe('the packed package signs in, calls and renews', () => {
  it('in this Node.js, as ES modules', async () => {
    await check((input) => runProgram(process.execPath, ['program.mjs'], input))
  })

  it('in this Node.js, as CommonJS', async () => {
    await check((input) => runProgram(process.execPath, ['program.cjs'], input))
  })

  it('in Node.js 24', async (context) => {
    const node24 = pathOf(programs.node24, context)
    await check((input) => runProgram(node24, ['program.mjs'], input))
  })

  it('in Bun', async (context) => {
    const bun = pathOf(programs.bun, context)
    await check((input) => runProgram(bun, ['program.mjs'], input))
  })

  it('in Deno', async (context) => {
    const deno = pathOf(programs.deno, context)
    const args = ['run', '--allow-all', '--no-lock', '--cached-only', '--node-modules-dir=manual']
    await check((input) => runProgram(deno, [...args, 'program.mjs'], input))
  })

  it('in workerd', async (context) => {
    const miniflare = pathOf(programs.miniflare, context)
    await bundleWorker()
    await check((input) => runProgram(process.execPath, ['workerd.mjs', miniflare], input))
  })

  it('in a page of Chromium, with the bearer token only', async (context) => {
    const executablePath = pathOf(programs.chromium, context)
    await using page = await servePage(consumer)
    await check((input) => runInChromium(executablePath, page.origin, input), {
      corsOrigins: [page.origin],
    })
  })
})

/** Workers are bundled before they are uploaded; a peer that is not installed stays an import. */
async function bundleWorker(): Promise<void> {
  await build({
    absWorkingDir: consumer,
    entryPoints: ['worker.mjs'],
    outfile: 'worker.bundle.mjs',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker'],
    external: ['@modelcontextprotocol/*'],
    logLevel: 'error',
  })
}

async function runInChromium(
  executablePath: string,
  origin: string,
  input: Input,
): Promise<unknown> {
  const browser = await chromium.launch({
    executablePath,
    // Root in a container has no sandbox; the rest keeps the browser from calling anybody.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  try {
    const page = await browser.newPage()
    await page.goto(origin)
    await page.waitForFunction('globalThis.exercise')
    return await page.evaluate(`exercise(${JSON.stringify(input)})`)
  } finally {
    await browser.close()
  }
}
