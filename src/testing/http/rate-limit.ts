/** So many requests in so long; a window opens with its first request. */
export interface Limit {
  /** How many requests a window takes. */
  readonly max: number
  /** How long a window is, ms by the platform's clock. */
  readonly windowMs: number
}

/** What a limiter says to one request. */
interface Verdict {
  readonly limited: boolean
  readonly max: number
  readonly remaining: number
  /** Seconds until the window ends, rounded up. */
  readonly resetSeconds: number
}

export interface Limiter {
  /** Counts a request, refused ones too. `false` is a limit that is switched off. */
  count(key: string, limit: Limit | false): Verdict
}

/** Fixed windows in memory, as both of the gateway's limiters keep them. */
export function createLimiter(now: () => number): Limiter {
  const windows = new Map<string, { count: number; endsAt: number }>()
  return {
    count(key, limit) {
      if (limit === false) return { limited: false, max: 0, remaining: 0, resetSeconds: 0 }
      const at = now()
      const current = windows.get(key)
      const open =
        current === undefined || current.endsAt <= at
          ? { count: 0, endsAt: at + limit.windowMs }
          : current
      open.count += 1
      windows.set(key, open)
      return {
        limited: open.count > limit.max,
        max: limit.max,
        remaining: Math.max(0, limit.max - open.count),
        resetSeconds: Math.ceil((open.endsAt - at) / 1000),
      }
    },
  }
}
