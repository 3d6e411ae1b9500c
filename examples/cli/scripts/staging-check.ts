/**
 * The staging test of the roadmap's §1.5, on services that are really there: sign in, write a memory,
 * read it, delete it. Nobody runs it but you:
 *
 *     npm run staging-check
 *
 * With `LANONASIS_API_KEY` nobody has to sign in; with `AUTH_GATEWAY_URL` and its kin it goes where they
 * say, else to staging.
 */
import { lanonasis } from './cli.js'

const { AUTH_GATEWAY_URL, LANONASIS_API_KEY } = process.env
const where = AUTH_GATEWAY_URL ? [] : ['--environment', 'staging']
const everywhere = ['--profile', 'staging-check', '--json', ...where]

/** @returns what the command printed, as JSON */
async function step(title: string, args: readonly string[]) {
  const startedAt = performance.now()
  const { code, stdout } = await lanonasis([...args, ...everywhere])
  const ms = Math.round(performance.now() - startedAt)
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${title} (${ms} ms)`)
  if (code !== 0) throw new StepFailed(code)
  return JSON.parse(stdout)
}

class StepFailed extends Error {
  readonly exitCode: number
  constructor(exitCode: number) {
    super(`A step ended with ${exitCode}.`)
    this.exitCode = exitCode
  }
}

try {
  const { code } = await lanonasis(['auth', 'status', ...everywhere])
  if (code !== 0 && !LANONASIS_API_KEY) await step('sign in', ['auth', 'login'])
  await step('the credentials are good', ['auth', 'status', '--check'])
  const title = `staging-check ${new Date().toISOString()}`
  const { id } = await step('write a memory', [
    'memory',
    'create',
    '--title',
    title,
    '--content',
    'It may be deleted.',
  ])
  try {
    const read = await step('read it', ['memory', 'get', id])
    if (read.title !== title) throw new StepFailed(1)
  } finally {
    await step('delete it', ['memory', 'delete', id, '--yes'])
  }
} catch (error) {
  if (!(error instanceof StepFailed)) throw error
  process.exitCode = error.exitCode
}
