import { toBase64Url } from './digest.ts'

const encoder = new TextEncoder()

/** Signs claims with HS256, the only algorithm these services use: nobody else can verify it. */
export async function signJwt(
  claims: Readonly<Record<string, unknown>>,
  secret: string,
): Promise<string> {
  const segment = (value: unknown) => toBase64Url(encoder.encode(JSON.stringify(value)))
  const input = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(claims)}`
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(input))
  return `${input}.${toBase64Url(new Uint8Array(signature))}`
}
