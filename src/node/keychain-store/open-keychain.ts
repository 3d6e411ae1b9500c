import { basename } from 'node:path'
import process from 'node:process'
import type { KeychainBackend } from './backend.ts'
import { HelperProcess } from './helper-process.ts'
import { inProcess } from './in-process.ts'
import { keyringPath } from './keyring.ts'

/**
 * The keychain of this machine. Its library is looked for when it is needed: where it is missing, the
 * index can still be read.
 *
 * @throws AuthError from its methods: `config_invalid` when `@napi-rs/keyring` is not installed
 */
export function openKeychain(service: string): KeychainBackend {
  let opened: KeychainBackend | undefined
  const open = () => {
    opened ??= isPlainNode()
      ? new HelperProcess({ library: keyringPath(), service })
      : inProcess({ library: keyringPath(), service })
    return opened
  }
  return {
    ready: async () => open().ready(),
    get: async (account) => open().get(account),
    set: async (account, text) => open().set(account, text),
    delete: async (account) => open().delete(account),
    abandon: () => opened?.abandon(),
  }
}

/** Whether this program is run by a Node.js that can run another one as well. */
function isPlainNode(): boolean {
  const { electron, bun, deno } = process.versions
  const foreign = electron ?? bun ?? deno
  // A program packed into one executable is what is executed, and has a name of its own.
  return foreign === undefined && /^node(js|\d+)?(\.exe)?$/i.test(basename(process.execPath))
}
