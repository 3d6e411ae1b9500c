import { createHash } from 'node:crypto'

/** What a text is split by. A part of it holds a header as well, in the first place. */
const format = '1'

/**
 * The Credential Manager of Windows takes 2,560 bytes, and the library writes UTF-16: 1,280 characters.
 * Elsewhere a megabyte was seen to work, and each part costs a connection (30 ms).
 */
export function partLengthOn(platform: string): number {
  return platform === 'win32' ? 1_280 : 16_384
}

/**
 * Splits a text into parts of at most this length. The first says how many there are, and what they
 * have to add up to.
 *
 * @param text ASCII only, so that a character is never split and counts the same everywhere
 */
export function split(text: string, partLength: number): readonly string[] {
  const room = partLength - headerLength
  const rest: string[] = []
  for (let at = room; at < text.length; at += partLength) rest.push(text.slice(at, at + partLength))
  const count = String(rest.length + 1).padStart(countDigits, '0')
  return [`${format} ${count} ${checksum(text)}\n${text.slice(0, room)}`, ...rest]
}

/** How many parts there are, by the first; `undefined` when it is none of ours. */
export function countIn(first: string): number | undefined {
  const [, count] = header.exec(first) ?? []
  return count === undefined ? undefined : Number(count)
}

/** @returns `undefined` when they do not add up */
export function join(parts: readonly string[]): string | undefined {
  const [first = '', ...rest] = parts
  const [head, count, sum] = header.exec(first) ?? []
  if (head === undefined || Number(count) !== parts.length) return undefined
  const text = first.slice(head.length) + rest.join('')
  return checksum(text) === sum ? text : undefined
}

/** JSON in ASCII. */
export function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const countDigits = 5
const header = /^1 (\d{5}) ([\w-]{43})\n/
const headerLength = format.length + 1 + countDigits + 1 + 43 + 1

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
