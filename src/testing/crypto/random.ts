const base64Url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const hex = '0123456789abcdef'

function randomFrom(alphabet: string, length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')
}

/** An opaque token: so many characters of base64url, 6 bits each. */
export function randomToken(length: number): string {
  return randomFrom(base64Url, length)
}

export function randomHex(length: number): string {
  return randomFrom(hex, length)
}

/** A code a person types, such as `ABCD-2345`, without the characters that look alike. */
export function randomUserCode(): string {
  return `${randomFrom('ABCDEFGHJKLMNPQRSTUVWXYZ', 4)}-${randomFrom('23456789', 4)}`
}
