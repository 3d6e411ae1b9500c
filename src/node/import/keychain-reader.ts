import { execFile } from 'node:child_process'
import { AuthError } from '../../errors/auth-error.ts'

/**
 * Reads one entry of the system's keychain; `undefined`: there is none, which is never said of a keychain
 * that could not be asked.
 */
export type KeychainReader = (service: string, account: string) => Promise<string | undefined>

/**
 * Reads what the old packages wrote with keytar.
 *
 * | system | how keytar names an entry | read with |
 * |---|---|---|
 * | macOS | service and account | `@napi-rs/keyring` |
 * | Windows | the target `service/account`, its content in UTF-8 | `@napi-rs/keyring`, by target, as bytes |
 * | Linux | the attributes `service` and `account`, which `@napi-rs/keyring` does not look at | `secret-tool` of libsecret, and `@napi-rs/keyring` for entries of its own kind |
 *
 * The entry's name is in the process list while `secret-tool` runs; its content comes over a pipe.
 */
export const systemKeychain: KeychainReader = async (service, account) => {
  const own = await readWithKeyring(service, account)
  if (own !== undefined || process.platform !== 'linux') return own
  return readWithSecretTool(service, account)
}

async function readWithKeyring(service: string, account: string): Promise<string | undefined> {
  const { AsyncEntry } = await loadKeyring()
  // Pinned: without a Secret Service another store would be asked, and say that there is nothing.
  const options = { linux: { store: 'secret-service' } } as const
  const entry =
    process.platform === 'win32'
      ? AsyncEntry.withTarget(`${service}/${account}`, service, account)
      : new AsyncEntry(service, account, options)
  const bytes = await entry.getSecret()
  return bytes === null ? undefined : new TextDecoder().decode(Uint8Array.from(bytes))
}

async function loadKeyring() {
  try {
    return await import('@napi-rs/keyring')
  } catch (cause) {
    throw new AuthError('config_invalid', 'The package @napi-rs/keyring is not there.', {
      cause,
      hint: 'Install it (npm install @napi-rs/keyring), so that the system’s keychain can be read.',
    })
  }
}

function readWithSecretTool(service: string, account: string): Promise<string | undefined> {
  const names = ['lookup', 'service', service, 'account', account]
  return new Promise((resolve, reject) => {
    execFile(
      'secret-tool',
      names,
      { timeout: secretToolMs, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout === '' ? undefined : stdout)
        // It says nothing where there is nothing, and what is wrong otherwise.
        else if (error.code === 1 && stderr.trim() === '') resolve(undefined)
        else reject(secretToolFailed(error))
      },
    )
  })
}

const secretToolMs = 10_000

function secretToolFailed(cause: unknown): AuthError {
  return new AuthError('config_invalid', 'The keychain could not be read with secret-tool.', {
    cause,
    hint: 'Install libsecret-tools, and unlock the keychain.',
  })
}
