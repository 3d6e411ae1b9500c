/**
 * What services and files say may hold control characters: a title must not move the cursor, colour
 * the screen, or turn the direction of the text around.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
}

/** The same for a text of several lines. */
export function lines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(oneLine).join('\t'))
    .join('\n')
}

/** A key or a token in what a person typed: it may be shown to others, and is kept in logs. */
export function withoutSecrets(text: string): string {
  return text.replace(/[\w.~+/-]{32,}/g, '…')
}

/** A moment, and how far away it is: `2026-11-23 14:05 (in 12 min)`. */
export function moment(time: number | Date, now = Date.now()): string {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return 'unknown'
  const text = at.toISOString().slice(0, 16).replace('T', ' ')
  const away = at.getTime() - now
  return `${text} UTC (${away < 0 ? `${span(-away)} ago` : `in ${span(away)}`})`
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return `${Math.round(ms / 1_000)} s`
  if (minutes < 120) return `${minutes} min`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`
}
