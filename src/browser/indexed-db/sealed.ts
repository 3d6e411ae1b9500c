import { isFields } from '../../json/fields.ts'

/** The key of a database as it lies there: this origin can use it, and nobody can read it. */
export interface StoreSecret {
  readonly id: string
  readonly key: CryptoKey
}

/** What was encrypted, and with which nonce. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly data: ArrayBuffer
}

/** With what to encrypt, and for where: it opens nowhere else, so that records cannot be exchanged. */
export interface SealOptions {
  readonly crypto: Crypto
  readonly key: CryptoKey
  readonly boundTo: readonly string[]
}

const algorithm = 'AES-GCM'

export async function newSecret(crypto: Crypto): Promise<StoreSecret> {
  const usages: KeyUsage[] = ['encrypt', 'decrypt']
  const key = await crypto.subtle.generateKey({ name: algorithm, length: 256 }, false, usages)
  return { id: crypto.randomUUID(), key }
}

export function isSecret(value: unknown): value is StoreSecret {
  return isFields(value) && typeof value.id === 'string' && isFields(value.key)
}

export function isSealed(value: unknown): value is Sealed {
  return isFields(value) && value.iv instanceof Uint8Array && value.data instanceof ArrayBuffer
}

export async function seal({ crypto, key, boundTo }: SealOptions, text: string): Promise<Sealed> {
  // 96 random bits for each write: one key never gets near the 2³² writes that this is good for (NIST SP 800-38D §8.3).
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { iv, data: await crypto.subtle.encrypt(parameters(iv, boundTo), key, encode(text)) }
}

/** @throws when it was not sealed with this key for this place, or was changed since */
export async function unseal(
  { crypto, key, boundTo }: SealOptions,
  { iv, data }: Sealed,
): Promise<string> {
  return new TextDecoder().decode(await crypto.subtle.decrypt(parameters(iv, boundTo), key, data))
}

function parameters(iv: Uint8Array<ArrayBuffer>, boundTo: readonly string[]): AesGcmParams {
  return { name: algorithm, iv, additionalData: encode(JSON.stringify(boundTo)) }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
