import type { StoredAccount, StoredTokens } from '../../store/account.ts'
import type { StoreKey, TokenStore } from '../../store/store.ts'
import { expectThat } from './assert.ts'
import type { StorePlace } from './options.ts'

export const sampleKey: StoreKey = {
  issuer: 'https://auth.example.com',
  clientId: 'contract-cli',
  profile: 'default',
}

/** Keys that differ from {@link sampleKey} in one part each. */
export const otherKeys: readonly StoreKey[] = [
  { ...sampleKey, issuer: 'https://auth.example.com:3005' },
  { ...sampleKey, clientId: 'another-cli' },
  { ...sampleKey, profile: 'work' },
  { ...sampleKey, resource: 'https://mcp.example.com' },
]

const minute = 60_000
/** A little after noon, to the millisecond. */
const noon = Date.UTC(2026, 5, 1, 12, 0, 0, 123)

function sampleTokens(name: string): StoredTokens {
  return {
    accessToken: `access-of-${name}`,
    refreshToken: `refresh-of-${name}`,
    tokenType: 'Bearer',
    scope: 'memories:read memories:write',
    kind: 'opaque',
    obtainedAt: noon,
    expiresAt: noon + 15 * minute,
    refreshExpiresAt: noon + 43_200 * minute,
    origins: ['https://auth.example.com', 'https://mcp.example.com'],
  }
}

export function signedIn(name: string): StoredAccount {
  return { session: { status: 'signed-in', tokens: sampleTokens(name) } }
}

/** An account in which nothing is left out. */
export const fullAccount: StoredAccount = {
  ...signedIn('everything'),
  apiKey: {
    value: 'pk_contract.sk_contract',
    id: '17',
    name: 'my laptop',
    expiresAt: noon + 3 * minute,
    origins: ['https://mcp.example.com'],
  },
  legacyToken: 'a-token-of-the-time-before-oauth',
  legacyOrigins: ['https://api.lanonasis.com'],
  intent: { refreshTokenHash: 'hash-of-the-refresh-token', since: noon + minute },
  coolDown: { since: noon + minute, until: noon + 2 * minute, code: 'rate_limited' },
  imported: ['fingerprint-of-an-old-token', 'fingerprint-of-an-old-key'],
}

/** An account whose API key is a number, to count with. */
export function counted(count: number): StoredAccount {
  return { session: { status: 'signed-out' }, apiKey: { value: `key-${count}`, origins: [] } }
}

export function countOf(account: StoredAccount | undefined): number {
  return Number(account?.apiKey?.value.replace('key-', '') ?? 0)
}

/** Another store on the same place, where there is such a thing. */
export async function another({ store, reopen }: StorePlace): Promise<TokenStore> {
  return (await reopen?.()) ?? store
}

/** Several stores on the same place. */
export function several(place: StorePlace, count: number): Promise<readonly TokenStore[]> {
  return Promise.all(Array.from({ length: count }, () => another(place)))
}

/** Writes over whatever is there, as somebody who has just read it. @returns the new revision */
export async function put(
  { store, key = sampleKey }: { readonly store: TokenStore; readonly key?: StoreKey },
  account: StoredAccount | undefined,
): Promise<string> {
  const entry = await store.read(key)
  const result = await store.commit(key, entry?.revision, account)
  expectThat(result.ok, 'a commit over the revision that was just read succeeds')
  return result.ok ? result.revision : ''
}
