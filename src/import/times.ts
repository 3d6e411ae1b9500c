/** Numbers below are seconds since 1970, those above milliseconds: it is 1973 in the one, 5138 in the other. */
const firstMs = 1e11
const latest = 8.64e15

/**
 * A time as the old programs wrote it: seconds or milliseconds, as a number or a text, or ISO 8601.
 * Zero was written for "not known yet".
 */
export function readTime(value: unknown): number | undefined {
  const number = numberOf(value)
  if (number !== undefined) {
    const time = Math.floor(number < firstMs ? number * 1000 : number)
    return number > 0 && time <= latest ? time : undefined
  }
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) || time <= 0 ? undefined : time
}

/** A duration in seconds, as `expires_in` is, in ms. */
export function readSeconds(value: unknown): number | undefined {
  const number = numberOf(value)
  return number === undefined || number <= 0 ? undefined : number * 1000
}

function numberOf(value: unknown): number | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
