import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { browserPath, chromiumArguments } from '../../support/browsers.ts'
import { temporaryFolder } from '../../support/directories.ts'
import { tool } from '../../tools/paths.mjs'
import { run } from '../../tools/process.mjs'
import { compilerOptions, makeProject, readRecipes } from './recipes.ts'

const timeout = 180_000
let project = ''

beforeAll(async () => {
  project = await temporaryFolder()
  await makeProject(project)
  return () => rm(project, { recursive: true, force: true })
}, 300_000)

/** A mistake in the program that is tested: `from` stands in it exactly once. */
interface Mistake {
  readonly file?: string
  readonly from: string
  readonly to: string
}

const noTitles: Mistake = { from: '({ title }) => title', to: '({ id }) => id' }
const noRetry: Mistake = { from: "'Try again later.' : 'Please sign in.'", to: "'' : ''" }
const noRefusal: Mistake = { from: "'access_denied'", to: "'forbidden'" }
const noEmptyList: Mistake = { from: " || 'Nothing yet.'", to: '' }
const noFetch: Mistake = {
  from: 'LanonasisClient(options)',
  to: 'LanonasisClient({ ...options, fetch })',
}

const quiet = { NO_COLOR: '1' }
const bin = (name: string) => join(project, 'node_modules/.bin', name)

const vitest = (file: string) => run(bin('vitest'), ['run', file], { cwd: project, env: quiet })
const node = (file: string) => run(process.execPath, ['--test', file], { cwd: project, env: quiet })
const jest = (file: string) =>
  run(process.execPath, ['--experimental-vm-modules', bin('jest'), file], {
    cwd: project,
    env: quiet,
  })

/** How many tests passed, as each runner says it. */
const count = (output: string) =>
  Number(/(?:Tests:?\s+|^# pass |^\s+)(\d+)(?: passed|$)/m.exec(output)?.[1] ?? 0)

/** Runs a recipe with a mistake in what it tests; the mistake is gone afterwards. */
async function withMistake<T>({ file = 'app.mjs', from, to }: Mistake, work: () => Promise<T>) {
  const path = join(project, file)
  const text = await readFile(path, 'utf8')
  expect(text.split(from)).toHaveLength(2)
  await writeFile(path, text.replace(from, to))
  try {
    return await work()
  } finally {
    await writeFile(path, text)
  }
}

describe.each([
  ['vitest.test.mjs', vitest, 5, [noTitles, noRetry, noEmptyList]],
  ['jest.test.mjs', jest, 4, [noRefusal, noRetry, noEmptyList]],
  ['node.test.mjs', node, 4, [noRetry, noEmptyList]],
  ['nock.test.mjs', node, 3, [noEmptyList]],
  ['msw.test.mjs', vitest, 3, [noTitles, noRetry, noFetch]],
] as const)('the recipe %s', (file, runner, tests, mistakes) => {
  it('passes', { timeout }, async () => {
    const { code, stdout, stderr } = await runner(file)
    expect(code, stdout + stderr).toBe(0)
    expect(count(stdout + stderr)).toBe(tests)
  })

  it.each(mistakes)('finds a mistake in the program: $to', { timeout }, async (mistake) => {
    const { code, stdout, stderr } = await withMistake(mistake, () => runner(file))
    expect(code).not.toBe(0)
    // It did not break down: other tests passed, or all failed by what they expect.
    expect(stdout + stderr).toMatch(/AssertionError|Expected|expect\(|Timed out/i)
  })
})

it('the recipe for Jest passes as CommonJS too', { timeout }, async () => {
  const folder = join(project, 'commonjs')
  await mkdir(folder)
  await build({
    absWorkingDir: project,
    entryPoints: { 'jest.test': 'jest.test.mjs' },
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  })
  const { code, stderr } = await run(bin('jest'), ['commonjs'], { cwd: project, env: quiet })
  expect(code, stderr).toBe(0)
  expect(count(stderr)).toBe(4)
})

describe('the recipe page.test.ts', () => {
  it('passes in Chromium, in two workers, and finds a mistake in the page', {
    timeout,
  }, async (context) => {
    const executablePath = await browserPath('chromium', context)
    const server = await servePage()
    onTestFinished(() => server.close())
    await writeFile(
      join(project, 'playwright.config.mjs'),
      `export default ${JSON.stringify({
        testMatch: 'page.test.ts',
        workers: 2,
        timeout: 60_000,
        expect: { timeout: 10_000 },
        reporter: 'line',
        use: { baseURL: server.origin, launchOptions: { executablePath, args: chromiumArguments } },
      })}`,
    )
    const playwright = () => run(bin('playwright'), ['test'], { cwd: project, env: quiet })
    const { code, stdout, stderr } = await playwright()
    expect(code, stdout + stderr).toBe(0)
    expect(count(stdout)).toBe(2)
    const mistake = { file: 'page.mjs', from: '({ title }) => title', to: '({ id }) => id' }
    const broken = await withMistake(mistake, playwright)
    expect(broken.code).not.toBe(0)
    expect([count(broken.stdout), broken.stdout.includes('1 failed')]).toEqual([1, true])
  })
})

it('what the page shows compiles, for a strict project', { timeout }, async () => {
  const files = [...(await readRecipes()).keys()]
  expect(files).toHaveLength(8)
  const config = join(project, 'tsconfig.json')
  await writeFile(config, JSON.stringify({ compilerOptions, files }))
  const { stdout } = await run(tool('tsc'), ['--pretty', 'false', '-p', config], { cwd: project })
  expect(stdout).toBe('')
})

/** The page of the recipe, bundled at each request as a development server does. */
async function servePage() {
  const bundled = () =>
    build({
      absWorkingDir: project,
      entryPoints: ['page.mjs'],
      outdir: '/',
      write: false,
      bundle: true,
      splitting: true,
      format: 'esm',
      target: 'es2022',
      logLevel: 'error',
    })
  let files = new Map<string, string>()
  const server = createServer(async ({ url = '/' }, response) => {
    if (url === '/page.js') {
      files = new Map((await bundled()).outputFiles.map(({ path, text }) => [path, text]))
    }
    const script = files.get(url)
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
    response.end(script ?? '<!doctype html><body><script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The page has no port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
