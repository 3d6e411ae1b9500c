import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { apiKey, opaqueToken, refreshToken } from '../../import/fixtures/credentials.ts'
import { bundle } from '../../support/bundle.ts'
import { requirePrograms } from '../../support/system-packages.ts'

const run = promisify(execFile)
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

let obstacle: string | undefined
beforeAll(async () => {
  if (process.platform !== 'linux') {
    obstacle = 'it needs the Secret Service of Linux'
    return
  }
  const { missing } = await requirePrograms(
    { names: ['gnome-keyring-daemon'], package: 'gnome-keyring' },
    { names: ['dbus-run-session'], package: 'dbus' },
    { names: ['secret-tool'], package: 'libsecret-tools' },
  )
  obstacle = missing
}, 300_000)

beforeEach(({ skip }) => {
  if (obstacle !== undefined) skip(obstacle)
})

/** Lets a program import on a desktop of its own, after `prepare` has filled its unlocked keyring. */
async function importOnDesktop(prepare: string, variables: Record<string, string> = {}) {
  const home = await mkdtemp(join(tmpdir(), 'auth-client-keyring-'))
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_RUNTIME_DIR: home,
    XDG_DATA_HOME: join(home, 'data'),
    // The bundle lies in a temporary directory, where no package is to be found.
    NODE_PATH: modules,
    ...variables,
  }
  const program = await bundle('test/e2e/import/fixtures/importer.ts')
  const unlock =
    'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1'
  const work = `${unlock}; ${prepare}; exec "${process.execPath}" "${program}"`
  const { stdout } = await run('dbus-run-session', ['--', 'bash', '-c', work], {
    env,
    timeout: 25_000,
  })
  return JSON.parse(stdout)
}

const byKeytar = (account: string, variable: string) =>
  `printf '%s' "$${variable}" | secret-tool store --label=old service lanonasis-mcp account ${account}`
const byOurLibrary = (account: string, variable: string) =>
  `printf '%s' "$${variable}" | secret-tool store --label=old service lanonasis-mcp username ${account} target default`

describe('a real keyring', () => {
  it.each([
    ['keytar', byKeytar],
    ['@napi-rs/keyring', byOurLibrary],
  ])('gives what was written as %s writes it', async (_, write) => {
    const tokens = {
      access_token: opaqueToken(),
      refresh_token: refreshToken(),
      expires_in: 900,
      issued_at: Date.now(),
    }
    const variables = { TOKENS: JSON.stringify(tokens), KEY: JSON.stringify({ apiKey: apiKey() }) }
    const prepare = `${write('tokens', 'TOKENS')}; ${write('lanonasis_api_key', 'KEY')}`
    const report = await importOnDesktop(prepare, variables)
    expect(report).toMatchObject({
      taken: [
        { kind: 'tokens', location: 'lanonasis-mcp/tokens', renewable: true },
        { kind: 'api-key', location: 'lanonasis-mcp/lanonasis_api_key' },
      ],
      hints: [],
    })
  })

  it('says nothing of a keyring in which there is nothing', async () => {
    expect(await importOnDesktop(':')).toMatchObject({
      found: [],
      taken: [],
      unusable: [],
      hints: [],
    })
  })

  it('is told of when there is none', async () => {
    const report = await importOnDesktop('export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere')
    expect(report.hints[0]).toMatchObject({ code: 'keychain_unavailable' })
  })
})
