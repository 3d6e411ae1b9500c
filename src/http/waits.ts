const maximalWaitMs = 86_400_000

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * How long a service asks us to wait, in ms. `Retry-After` outweighs everything else (RFC 9110 §10.2.3),
 * because only that header is meant for this very answer; the others describe a window.
 */
export function retryAfterMs(
  headers: Headers,
  body: Readonly<Record<string, unknown>>,
  now: number,
): number | undefined {
  const waits = [
    fromRetryAfter(headers.get('retry-after'), now),
    fromText(body.retryAfter),
    fromText(body.retry_after),
    fromReset(headers.get('ratelimit-reset'), now),
    fromReset(headers.get('x-ratelimit-reset'), now),
  ]
  const wait = waits.find((candidate) => candidate !== undefined)
  return wait === undefined ? undefined : Math.min(Math.max(0, Math.ceil(wait)), maximalWaitMs)
}

function fromRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1_000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : date - now
}

/** Seconds from now on the gateway, an epoch time on MCP Core: told apart by size. */
function fromReset(value: string | null, now: number): number | undefined {
  if (value === null || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return undefined
  const number = Number(value)
  if (number > 1e12) return number - now
  return number > 1e9 ? number * 1_000 - now : number * 1_000
}

/** `900`, `"900"`, `"15 minutes"`; nothing is made of a unit that is not known. */
function fromText(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value * 1_000
  if (typeof value !== 'string') return undefined
  const parts =
    /^\s*(\d+(?:\.\d+)?)\s*(?:(s|m|h)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|rs?)?)?\s*$/i.exec(value)
  const unit = units[(parts?.[2] ?? '').toLowerCase() || 's']
  return parts?.[1] === undefined || unit === undefined ? undefined : Number(parts[1]) * unit
}
