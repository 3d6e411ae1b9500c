import { once } from '../async/once.ts'
import { fromBase64Url, toBase64Url } from '../bytes/base64url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { RedisEncryption, RedisEncryptionKey } from './options.ts'

/** Encrypts what is stored, and decrypts it. */
export interface Envelope {
  /** @param binding what the text belongs to: it cannot be opened as belonging to anything else */
  seal(text: string, binding: string): Promise<string>
  /**
   * @returns `undefined` for a text that was changed, or belongs to something else
   * @throws AuthError `store_unavailable` when it needs a key that is not here
   */
  open(sealed: string, binding: string): Promise<string | undefined>
}

const mark = 'sealed'
const version = '1'
const ivLength = 12

/** Whether a text was made by {@link Envelope.seal}. */
export function isSealed(text: string): boolean {
  return text.startsWith(`${mark}.`)
}

/**
 * Envelope encryption: each text has a data key of its own, which is encrypted with the caller's key; both
 * with AES-256-GCM (NIST SP 800-38D), whose limit on how often one key may be used is thereby out of reach.
 *
 * `sealed.1.<key id>.<iv, data key>.<iv, text>`, in base64url. The caller's key is named by its id, so that
 * one host may have a newer key than another while keys are changed.
 *
 * @throws AuthError `config_invalid`
 */
export function envelope(encryption: RedisEncryption): Envelope {
  const { current, previous = [] } = keysOf(encryption)
  for (const key of [current, ...previous]) checkKey(key)
  const load = once(async () => {
    const keys = await Promise.all([current, ...previous].map(importKey))
    return { newest: keys[0], byId: new Map(keys.map((key) => [key.id, key.key])) }
  })

  return {
    async seal(text, binding) {
      const { newest } = await load()
      if (newest === undefined) throw invalid('There is no current encryption key.')
      const dataKey = crypto.getRandomValues(new Uint8Array(32))
      const wrapped = await encrypt(newest.key, dataKey, `${binding} key`)
      const sealed = await encrypt(await importAes(dataKey), bytesOf(text), `${binding} text`)
      return [mark, version, newest.id, wrapped, sealed].join('.')
    },

    async open(sealed, binding) {
      const [, found, id = '', wrapped = '', text = ''] = sealed.split('.')
      if (found !== version) {
        throw new AuthError('store_unavailable', 'A newer version has encrypted this account.', {
          hint: 'Update this program; the account was left as it is.',
        })
      }
      const key = (await load()).byId.get(id)
      if (key === undefined) throw missingKey(id)
      const dataKey = await decrypt(key, wrapped, `${binding} key`)
      if (dataKey === undefined) return undefined
      const bytes = await decrypt(await importAes(dataKey), text, `${binding} text`)
      return bytes && new TextDecoder().decode(bytes)
    },
  }
}

/** What is encrypted cannot be read by who has no key, or another one: that is no damage. */
export function missingKey(id: string): AuthError {
  const name = /^[\w-]{1,32}$/.test(id) ? ` ${id}` : ''
  return new AuthError(
    'store_unavailable',
    `This account is encrypted with the key${name}, which redisStore was not given.`,
    {
      hint: 'Pass that key as `encryption`, or as one of its `previous` keys; the account was left as it is.',
      retryable: false,
    },
  )
}

function keysOf(encryption: RedisEncryption) {
  const isKey = encryption instanceof Uint8Array || !('current' in encryption)
  return isKey ? { current: encryption } : encryption
}

function checkKey(key: RedisEncryptionKey): void {
  if (key instanceof Uint8Array) {
    if (key.length !== 32) throw invalid(`An encryption key has ${key.length} bytes, not 32.`)
    return
  }
  const usable = ['encrypt', 'decrypt'].every((usage) =>
    key.usages?.some((allowed) => allowed === usage),
  )
  if (key.algorithm?.name === 'AES-GCM' && usable) return
  throw invalid('An encryption key is no AES-GCM key that may encrypt and decrypt.')
}

function invalid(message: string): AuthError {
  return new AuthError('config_invalid', message, {
    hint: 'Pass 32 random bytes, or a CryptoKey for AES-GCM with the usages encrypt and decrypt.',
  })
}

async function importKey(given: RedisEncryptionKey): Promise<{ id: string; key: CryptoKey }> {
  const key = given instanceof Uint8Array ? await importAes(given) : given
  return { id: await idOf(key), key }
}

/**
 * A name for a key that says nothing of it, and is the same wherever the key is: the tag of an empty text.
 * The fixed initialisation vector does no harm, because nothing else is ever encrypted with it.
 */
async function idOf(key: CryptoKey): Promise<string> {
  const additionalData = bytesOf('lanonasis auth-client key id')
  const iv = new Uint8Array(ivLength)
  const tag = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData },
    key,
    new Uint8Array(),
  )
  return toBase64Url(new Uint8Array(tag).subarray(0, 9))
}

function importAes(bytes: Uint8Array): Promise<CryptoKey> {
  // A copy in memory of its own, as Web Crypto wants it.
  const usages = ['encrypt', 'decrypt'] as const
  return crypto.subtle.importKey('raw', new Uint8Array(bytes), 'AES-GCM', false, [...usages])
}

async function encrypt(
  key: CryptoKey,
  data: Uint8Array<ArrayBuffer>,
  binding: string,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivLength))
  const additionalData = bytesOf(binding)
  const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, data)
  return toBase64Url(new Uint8Array([...iv, ...new Uint8Array(cipher)]))
}

async function decrypt(
  key: CryptoKey,
  text: string,
  binding: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = fromBase64Url(text)
  if (bytes === undefined || bytes.length < ivLength) return undefined
  const iv = bytes.subarray(0, ivLength)
  const additionalData = bytesOf(binding)
  try {
    const cipher = bytes.subarray(ivLength)
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, cipher),
    )
  } catch {
    // Web Crypto says no more than that it could not.
    return undefined
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
