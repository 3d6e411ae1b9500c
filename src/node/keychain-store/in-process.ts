import { createRequire } from 'node:module'
import type { AsyncEntry } from '@napi-rs/keyring'
import { once } from '../../async/once.ts'
import type { KeychainBackend } from './backend.ts'
import type { HelperOptions } from './helper-process.ts'
import { pinned } from './keyring.ts'

const mostEntries = 8

/**
 * The keychain in this very process, for hosts that cannot start another Node.js: Electron, Bun, Deno,
 * and programs packed into one executable, which would start themselves. A call that hangs there holds
 * one thread until the system gives up.
 */
export function inProcess({ library, service }: HelperOptions): KeychainBackend {
  const entries = new Map<string, AsyncEntry>()
  const load = once(
    async (): Promise<typeof import('@napi-rs/keyring')> => createRequire(import.meta.url)(library),
  )

  async function entryOf(account: string): Promise<AsyncEntry> {
    const known = entries.get(account)
    if (known !== undefined) return known
    const { AsyncEntry } = await load()
    const entry = new AsyncEntry(service, account, pinned)
    entries.set(account, entry)
    // Each one is a connection to the session bus.
    const [oldest] = entries.keys()
    if (entries.size > mostEntries && oldest !== undefined) entries.delete(oldest)
    return entry
  }

  return {
    async ready() {
      await load()
    },
    async get(account) {
      return (await (await entryOf(account)).getPassword()) ?? undefined
    },
    async set(account, text) {
      await (await entryOf(account)).setPassword(text)
    },
    async delete(account) {
      await (await entryOf(account)).deletePassword()
      entries.delete(account)
    },
    async list() {
      const { findCredentialsAsync } = await load()
      // The passwords come along, and are of no use here.
      return (await findCredentialsAsync(service)).map(({ account }) => account)
    },
    abandon: () => entries.clear(),
  }
}
