import { unref } from '../async/abort.ts'
import { isAuthError } from '../errors/auth-error.ts'

/** What renews the session before it is asked for. */
export interface AutoRefresh {
  /** Looks at the account anew: after it has changed, or was read. */
  readonly reconsider: () => void
  readonly stop: () => void
}

export interface AutoRefreshOptions {
  /** When the session has to be renewed, epoch ms; `undefined`: not at all. */
  readonly dueAt: () => number | undefined
  /** Renews if that is due still. */
  readonly renew: () => Promise<unknown>
  readonly now: () => number
  readonly random: () => number
}

/**
 * A timer sleeps with the machine and does not count the time: it is looked at the clock at least
 * this often, so that a session is renewed soon after the lid is opened. It is also far below the
 * 2³¹−1 ms that a timer can hold.
 */
const longestSleepMs = 60_000
/** After a failure; and spread over as long again, because others share the failure. */
const pauseAfterFailureMs = 30_000

/** Renews the access token shortly before it ends, by the wall clock. Its timers keep no process alive. */
export function autoRefresh(options: AutoRefreshOptions): AutoRefresh {
  const { renew, now, random } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let pausedUntil = 0
  let stopped = false
  let running = false

  function dueAt(): number | undefined {
    const due = options.dueAt()
    return due === undefined ? undefined : Math.max(due, pausedUntil)
  }

  function reconsider(): void {
    clearTimeout(timer)
    const due = stopped || running ? undefined : dueAt()
    if (due === undefined) return
    timer = setTimeout(wake, Math.min(longestSleepMs, Math.max(0, due - now())))
    unref(timer)
  }

  async function wake(): Promise<void> {
    const due = dueAt()
    if (due !== undefined && due <= now()) await attempt()
    reconsider()
  }

  async function attempt(): Promise<void> {
    running = true
    try {
      await renew()
      // Due still: the renewal failed, and what is valid was served.
      if ((dueAt() ?? Number.POSITIVE_INFINITY) <= now()) pause()
    } catch (error) {
      pause(isAuthError(error) ? error.retryAfterMs : undefined)
    } finally {
      running = false
    }
  }

  function pause(ms = pauseAfterFailureMs): void {
    pausedUntil = now() + ms * (1 + random())
  }

  return {
    reconsider,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
