// Runs of the characters tokens, keys, JWTs and hashes are made of. Ordinary words are shorter.
const credentialLike = /[\w~+/=.-]{20,}/g
// Control characters, and format characters such as those that turn the direction of a text around.
const unprintable = /[\p{Cc}\p{Cf}]+/gu
const maximalLength = 200

/**
 * Makes a text from outside fit for an error message or a log: one short line (200 characters), without control
 * characters, and with `[redacted]` for everything that looks like a token or a key. The errors of this library
 * are made with it; a program needs it for what it says itself, such as a command line that repeats what was typed.
 *
 * @example
 * ```ts
 * import { redact } from '@lanonasis/auth-client'
 *
 * console.error(redact(`There is no command ${process.argv[2]}.`))
 * ```
 */
export function redact(text: string): string {
  const line = text
    .slice(0, maximalLength * 4)
    .replace(unprintable, ' ')
    .replace(credentialLike, '[redacted]')
    .trim()
  return line.length > maximalLength ? `${line.slice(0, maximalLength)}…` : line
}
