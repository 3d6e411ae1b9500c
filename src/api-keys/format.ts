import { assertApiKey } from './inspect.ts'

/**
 * Puts the two halves that the dashboard's server returns together: `pk_…` + `sk_…` → `pk_….sk_…`.
 *
 * @throws AuthError `api_key_incomplete`, `api_key_malformed`
 * @example
 * ```ts
 * import { formatApiKey } from '@lanonasis/auth-client'
 *
 * const key = formatApiKey('pk_your-key-id', 'sk_your-key-secret')
 * ```
 */
export function formatApiKey(keyId: string, keySecret: string): string {
  const key = keySecret === '' ? keyId : `${keyId}.${keySecret}`
  assertApiKey(key, 'The key that keyId and keySecret make')
  return key
}
