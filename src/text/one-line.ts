// Control characters, line ends, and what turns the direction of a text around. Joiners stay: emoji are made with them.
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/**
 * A text from outside, such as the title of a memory, as one line that is safe to print: on a terminal it cannot move
 * the cursor, colour the screen or turn the direction of what follows around. Everything else stays as it is.
 *
 * Errors of this library need it no more; for texts that may hold a secret there is `redact`.
 *
 * @example
 * ```ts
 * import { oneLine } from '@lanonasis/auth-client'
 * import { createClient } from '@lanonasis/auth-client/node'
 *
 * const lanonasis = createClient()
 * for await (const { title } of lanonasis.memory.list()) console.log(oneLine(title))
 * ```
 */
export function oneLine(text: string): string {
  return text.replace(controls, ' ')
}
