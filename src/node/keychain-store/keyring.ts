import { createRequire } from 'node:module'
import { basename } from 'node:path'
import process from 'node:process'
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

/** Whether this program is run by a Node.js that can run another one as well. */
export function isPlainNode(): boolean {
  const { electron, bun, deno } = process.versions
  const foreign = electron ?? bun ?? deno
  // A program packed into one executable is what is executed, and has a name of its own.
  return foreign === undefined && /^node(js|\d+)?(\.exe)?$/i.test(basename(process.execPath))
}
