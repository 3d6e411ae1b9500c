import type { StoredAccount } from './account.ts'
import type { StoreKey, TokenStore } from './store.ts'

/** Removes an account from a store, as far as that store can. @throws AuthError `store_unavailable` */
export async function destroyIn(store: TokenStore, key: StoreKey): Promise<void> {
  if (store.destroy !== undefined) return store.destroy(key)
  const entry = await store.read(key)
  if (entry !== undefined) await store.commit(key, entry.revision, undefined)
}

/** The key that a name begins with, as the names of locks do; `undefined` when there is none in it. */
export function keyIn(name: string): StoreKey | undefined {
  try {
    const parts: unknown = JSON.parse(name.slice(0, name.lastIndexOf(']') + 1))
    if (!Array.isArray(parts) || parts.length !== 4) return undefined
    const [issuer, clientId, profile, resource] = parts.map(String)
    if (issuer === undefined || clientId === undefined || profile === undefined) return undefined
    return { issuer, clientId, profile, ...(resource ? { resource } : {}) }
  } catch {
    return undefined
  }
}

/** Whether there is something in an account that a person would miss. */
export function holdsCredentials({ session, apiKey, legacyToken }: StoredAccount): boolean {
  return session.status === 'signed-in' || apiKey !== undefined || legacyToken !== undefined
}
