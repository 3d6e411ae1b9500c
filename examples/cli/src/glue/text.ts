/**
 * What services say, on the lines it has: a memory must not move the cursor or colour the screen. The
 * library is loaded here, where there is something to print: `--help` has no use for it.
 */
export async function lines(text: string): Promise<string> {
  const { oneLine } = await import('@lanonasis/auth-client')
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(oneLine).join('\t'))
    .join('\n')
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
