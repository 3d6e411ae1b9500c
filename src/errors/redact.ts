// Runs of the characters tokens, keys, JWTs and hashes are made of. Ordinary words are shorter.
const credentialLike = /[\w~+/=.-]{20,}/g
// Control characters, and format characters such as those that turn the direction of a text around.
const unprintable = /[\p{Cc}\p{Cf}]+/gu
const maximalLength = 200

/** Makes a text from outside fit for an error message: no controls, nothing that looks like a credential, one short line. */
export function redact(text: string): string {
  const line = text
    .slice(0, maximalLength * 4)
    .replace(unprintable, ' ')
    .replace(credentialLike, '[redacted]')
    .trim()
  return line.length > maximalLength ? `${line.slice(0, maximalLength)}…` : line
}
