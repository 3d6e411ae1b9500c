import type { StoredAccount, StoredTokens } from '../../../src/store/account.ts'
import type { StoreKey, TokenStore } from '../../../src/store/store.ts'

export const production: StoreKey = {
  issuer: 'https://auth.lanonasis.com',
  clientId: 'lanonasis-cli',
  profile: 'default',
}

export const staging: StoreKey = { ...production, issuer: 'https://auth.lanonasis.com:3005' }

/** Tokens with every field that a store has to keep. */
export function tokens(name: string): StoredTokens {
  return {
    accessToken: `access-of-${name}`,
    refreshToken: `refresh-of-${name}`,
    tokenType: 'Bearer',
    scope: 'memories:read memories:write',
    kind: 'opaque',
    obtainedAt: Date.UTC(2026, 5, 1, 12, 0, 0),
    expiresAt: Date.UTC(2026, 5, 1, 12, 15, 0),
    refreshExpiresAt: Date.UTC(2026, 6, 1, 12, 0, 0),
    origins: ['https://auth.lanonasis.com', 'https://mcp.lanonasis.com'],
  }
}

export function signedIn(name: string, rest: Omit<StoredAccount, 'session'> = {}): StoredAccount {
  return { session: { status: 'signed-in', tokens: tokens(name) }, ...rest }
}

/** Writes over whatever is there, as somebody who has just read it. */
export async function put(
  store: TokenStore,
  key: StoreKey,
  account: StoredAccount | undefined,
): Promise<string> {
  const result = await store.commit(key, (await store.read(key))?.revision, account)
  if (!result.ok) throw new Error('Somebody else changed the account.')
  return result.revision
}

export async function accountOf(
  store: TokenStore,
  key: StoreKey,
): Promise<StoredAccount | undefined> {
  return (await store.read(key))?.value
}

export async function accessTokenOf(store: TokenStore, key: StoreKey): Promise<string | undefined> {
  const session = (await accountOf(store, key))?.session
  return session?.status === 'signed-in' ? session.tokens.accessToken : undefined
}
