import type { KeychainBackend } from './backend.ts'
import { HelperProcess } from './helper-process.ts'
import { inProcess } from './in-process.ts'
import { isPlainNode, keyringPath } from './keyring.ts'

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
    list: async () => open().list(),
    abandon: () => opened?.abandon(),
  }
}
