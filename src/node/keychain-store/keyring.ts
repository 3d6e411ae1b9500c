import { createRequire } from 'node:module'
import { AuthError } from '../../errors/auth-error.ts'

/**
 * Where `@napi-rs/keyring` is. Resolved from this package and never from the working directory: what is
 * found there is loaded, and gets every secret to see.
 *
 * @throws AuthError `config_invalid` when it is not installed
 */
export function keyringPath(): string {
  try {
    return createRequire(import.meta.url).resolve('@napi-rs/keyring')
  } catch (error) {
    throw new AuthError('config_invalid', 'The package @napi-rs/keyring is not installed.', {
      cause: error,
      hint: 'Run `npm install @napi-rs/keyring`, or use fileStore().',
    })
  }
}

/**
 * Without it the library takes the kernel's keyring where there is no Secret Service, which forgets
 * with the session and says `null` for what another process has stored.
 */
export const pinned = { linux: { store: 'secret-service' } } as const
