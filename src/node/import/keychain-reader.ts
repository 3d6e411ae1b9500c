import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import process from 'node:process'
import { AuthError } from '../../errors/auth-error.ts'
import { helperEnv } from '../keychain-store/helper-env.ts'
import { isPlainNode, keyringPath, pinned } from '../keychain-store/keyring.ts'

/**
 * Reads one entry of the system's keychain; `undefined`: there is none, which is never said of a keychain
 * that could not be asked.
 */
export type KeychainReader = (service: string, account: string) => Promise<string | undefined>

/** A keychain that waits for a person who is not there is given up after this long. */
const timeoutMs = 9_000

/**
 * Reads what the old packages wrote with keytar.
 *
 * | system | how keytar names an entry | read with |
 * |---|---|---|
 * | macOS | service and account | `@napi-rs/keyring` |
 * | Windows | the target `service/account`, the content in UTF-8 | `@napi-rs/keyring`, by target, as bytes |
 * | Linux | the attributes `service` and `account`, which `@napi-rs/keyring` does not look at | `secret-tool` of libsecret; `@napi-rs/keyring` for entries that were made with it |
 *
 * A call to a keychain may hang, and holds the end of its process then: it is made in a process of its own,
 * which can be killed. The entry's name is among its arguments, its content comes over a pipe.
 */
export const systemKeychain: KeychainReader = async (service, account) => {
  if (process.platform !== 'linux') return readWithKeyring(service, account)
  const results = await Promise.allSettled([
    readWithKeyring(service, account),
    readWithSecretTool(service, account),
  ])
  for (const result of results) {
    if (result.status === 'fulfilled' && result.value !== undefined) return result.value
  }
  // Where one of them did not look, nobody can say that there is nothing.
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return undefined
}

async function readWithKeyring(service: string, account: string): Promise<string | undefined> {
  const library = findLibrary()
  const bytes = isPlainNode()
    ? parseAnswer(await outputOf(process.execPath, ['-e', script, library, service, account]))
    : await readHere(library, { service, account })
  return bytes && new TextDecoder().decode(bytes)
}

/** For hosts that cannot start another Node.js: Electron, Bun, Deno, and programs in one executable. */
async function readHere(
  library: string,
  { service, account }: { service: string; account: string },
): Promise<Uint8Array | undefined> {
  const keyring: typeof import('@napi-rs/keyring') = createRequire(import.meta.url)(library)
  const entry =
    process.platform === 'win32'
      ? keyring.AsyncEntry.withTarget(`${service}/${account}`, service, account)
      : new keyring.AsyncEntry(service, account, pinned)
  const secret = await entry.getSecret()
  return secret === null ? undefined : Uint8Array.from(secret)
}

/** For `node -e`: the path of the library, the service and the account are its arguments. */
const script = `'use strict'
const [, library, service, account] = process.argv
const { AsyncEntry } = require(library)
const entry = process.platform === 'win32'
  ? AsyncEntry.withTarget(service + '/' + account, service, account)
  : new AsyncEntry(service, account, ${JSON.stringify(pinned)})
entry.getSecret().then(
  (secret) => process.stdout.write(secret === null ? 'none' : 'found ' + Buffer.from(secret).toString('base64')),
  () => process.exit(3),
)
`

function parseAnswer({ stdout, code }: Output): Uint8Array | undefined {
  const [, base64] = /^found (.*)$/s.exec(stdout) ?? []
  if (base64 !== undefined) return Buffer.from(base64, 'base64')
  if (code === 0 && stdout === 'none') return undefined
  throw unavailable('It did not open', 'Unlock it; on Linux a Secret Service has to run.')
}

async function readWithSecretTool(service: string, account: string): Promise<string | undefined> {
  const names = ['lookup', 'service', service, 'account', account]
  const { code, stdout, stderr } = await outputOf('secret-tool', names)
  if (code === 0 && stdout !== '') return stdout
  // It says nothing where there is nothing, and what is wrong otherwise.
  if (stderr.trim() === '') return undefined
  throw unavailable('secret-tool could not read it', 'Unlock it, and see that D-Bus runs.')
}

function findLibrary(): string {
  try {
    return keyringPath()
  } catch {
    const hint = 'Run `npm install @napi-rs/keyring` to have it looked into.'
    throw unavailable('The package @napi-rs/keyring is not installed', hint)
  }
}

interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** @throws AuthError when there is no such program, or it does not come to an end */
function outputOf(command: string, args: readonly string[]): Promise<Output> {
  const options = {
    env: helperEnv(process.env),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
  } as const
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr })
      else if (error.code === 'ENOENT') {
        const hint = `Install ${command} (Debian: libsecret-tools) to have the entries of the old packages looked for.`
        reject(unavailable(`There is no ${command}`, hint))
      } else reject(unavailable('It did not answer', 'Unlock it, and import again.'))
    })
  })
}

function unavailable(what: string, hint: string): AuthError {
  return new AuthError('store_unavailable', `${what}.`, { hint })
}
