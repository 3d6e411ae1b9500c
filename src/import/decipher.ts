/** How the old packages encrypted what they wrote: AES under a key from PBKDF2-SHA256. */
export interface OldCipher {
  /** What the key was made of; known to everybody on the machine, or kept beside the text. */
  readonly passphrase: string
  readonly salt: string
}

const iterations = 100_000

/**
 * Decrypts `iv:tag:ciphertext` in hex (AES-256-GCM), and `iv:ciphertext` of the first versions (AES-256-CBC).
 *
 * @returns `undefined` for a text of another form, or one that was made with another passphrase
 */
export async function decipherHex(text: string, cipher: OldCipher): Promise<string | undefined> {
  const parts = text.trim().split(':')
  if (!parts.every((part) => /^([0-9a-f]{2})+$/i.test(part))) return undefined
  const [iv, ...rest] = parts.map(fromHex)
  if (iv === undefined) return undefined
  const [tagOrText, ciphertext] = rest
  if (rest.length === 2 && tagOrText?.length === 16 && ciphertext !== undefined) {
    return decrypt({ name: 'AES-GCM', iv }, joined(ciphertext, tagOrText), cipher)
  }
  if (rest.length === 1 && tagOrText !== undefined && iv.length === 16) {
    return decrypt({ name: 'AES-CBC', iv }, tagOrText, cipher)
  }
  return undefined
}

/** Decrypts what web pages kept: the base64 of a 12-byte iv and the ciphertext with its tag. */
export async function decipherBase64(
  bytes: Uint8Array<ArrayBuffer>,
  cipher: OldCipher,
): Promise<string | undefined> {
  if (bytes.length <= 12 + 16) return undefined
  return decrypt({ name: 'AES-GCM', iv: bytes.slice(0, 12) }, bytes.slice(12), cipher)
}

async function decrypt(
  algorithm: { readonly name: 'AES-GCM' | 'AES-CBC'; readonly iv: Uint8Array<ArrayBuffer> },
  data: Uint8Array<ArrayBuffer>,
  { passphrase, salt }: OldCipher,
): Promise<string | undefined> {
  const encoder = new TextEncoder()
  const { subtle } = crypto
  try {
    const material = await subtle.importKey('raw', encoder.encode(passphrase), 'PBKDF2', false, [
      'deriveKey',
    ])
    const key = await subtle.deriveKey(
      { name: 'PBKDF2', hash: 'SHA-256', salt: encoder.encode(salt), iterations },
      material,
      { name: algorithm.name, length: 256 },
      false,
      ['decrypt'],
    )
    const plain = await subtle.decrypt(algorithm, key, data)
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch {
    // Another key or a changed text: the tag tells, and for the first versions mostly the padding does.
    return undefined
  }
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(one.length + other.length)
  bytes.set(one)
  bytes.set(other, one.length)
  return bytes
}
