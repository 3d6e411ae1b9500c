import { toBase64Url } from '../bytes/base64url.ts'
import type { Secret } from '../secret/secret.ts'

/** SHA-256 of a token, base64url: to recognise it again without keeping it. */
export async function tokenHash(token: Secret): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token.reveal()))
  return toBase64Url(new Uint8Array(digest))
}
