/** Runs through the commands on services of its own, in a home of its own: npm run try */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servePlatform } from '@lanonasis/auth-client/testing/node'
import { lanonasis } from './cli.js'

const platform = await servePlatform()
const home = await mkdtemp(join(tmpdir(), 'lanonasis-try-'))
const env = { ...platform.env, HOME: home, USERPROFILE: home, LANONASIS_API_KEY: '' }

/** The person opens the page on another device, and allows it. */
let approved = false
function onNote(text: string): void {
  const [page] = /http:\/\/\S+\/oauth\/device\?code=\S+/.exec(text) ?? []
  if (page === undefined || approved) return
  approved = true
  platform.approveDevice(page).catch((error) => console.error(error))
}

async function run(...args: string[]): Promise<string> {
  console.log(
    `\n$ lanonasis ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`,
  )
  const { code, stdout } = await lanonasis(args, { env, onNote })
  process.stdout.write(stdout)
  if (code !== 0) throw new Error(`It ended with ${code}.`)
  return stdout.trim()
}

try {
  await run('auth', 'login', '--method', 'device')
  await run('auth', 'status')
  await run('key', 'create', 'my-laptop')
  const id = await run(
    'memory',
    'create',
    '--title',
    'Example',
    '--content',
    'Details',
    '--tag',
    'tag',
  )
  await run('memory', 'list')
  await run('memory', 'search', 'example')
  await run('memory', 'get', id)
  await run('memory', 'delete', id, '--yes')
  await run('key', 'rotate')
  await run('key', 'list')
  await run('auth', 'logout')
} finally {
  await platform.close()
  await rm(home, { recursive: true, force: true })
}
