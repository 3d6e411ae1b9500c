import type { RedisCommandFunction } from '../../../src/redis.ts'
import type { StoredAccount } from '../../../src/store/account.ts'
import type { StoreKey, TokenStore } from '../../../src/store/store.ts'
import type { Client } from './redis-server.ts'

export const key: StoreKey = {
  issuer: 'https://auth.example.com',
  clientId: 'dashboard',
  profile: 'user-42',
}

/** What a person's record holds; the secrets in it can be recognised. */
export function signedIn(name: string, more: Partial<StoredAccount> = {}): StoredAccount {
  return {
    session: {
      status: 'signed-in',
      tokens: {
        accessToken: `access-secret-of-${name}`,
        refreshToken: `refresh-secret-of-${name}`,
        tokenType: 'Bearer',
        kind: 'opaque',
      },
    },
    ...more,
  }
}

/** Writes over whatever is there. @returns the revision */
export async function put(store: TokenStore, value: StoredAccount | undefined): Promise<string> {
  const result = await store.commit(key, (await store.read(key))?.revision, value)
  if (!result.ok) throw new Error('Nobody else writes here.')
  return result.revision
}

/** A client whose answers can be lost: the server acts, and nobody hears of it. */
export function lossy(client: Client) {
  const losses = { left: 0, made: 0 }
  const send: RedisCommandFunction = async (command) => {
    const answer = await client.sendCommand(command)
    if (losses.left === 0) return answer
    losses.left -= 1
    losses.made += 1
    // As clients do: the command may be in the text.
    throw new Error(`The connection was lost: ${command.join(' ')}`)
  }
  return { send, losses }
}
