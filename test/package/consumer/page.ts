// What a page may be; compiled for a browser against the packed package, never run.
import {
  type AuthClient,
  type AuthErrorCode,
  inspectApiKey,
  isAuthError,
  LanonasisClient,
  memoryStore,
  type Session,
  type TokenStore,
} from '@lanonasis/auth-client'
import { createClient, indexedDbStore } from '@lanonasis/auth-client/browser'

export async function signedIn(store: TokenStore = memoryStore()): Promise<AuthErrorCode | string> {
  const client: AuthClient = new LanonasisClient({ clientId: 'dashboard', store, env: {} })
  client.subscribe(() => client.getSnapshot() satisfies Session)
  try {
    const token: string = await client.getAccessToken({ minValidityMs: 5_000 })
    const inspected = inspectApiKey(token)
    return inspected.ok ? inspected.publicId : inspected.hint
  } catch (error) {
    return isAuthError(error) ? error.code : 'invalid_response'
  }
}

export function dashboard(): LanonasisClient {
  return createClient({ clientId: 'dashboard', store: indexedDbStore({ name: 'dashboard' }) })
}
