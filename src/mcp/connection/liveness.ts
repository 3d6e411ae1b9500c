import { unref } from '../../async/abort.ts'

/** At most this long between two looks, ms: soon after a sleep there is one. */
const longestTickMs = 15_000
/** A look that is this much too late says that the machine slept, or the process stood still. */
const jumpMs = 5_000
/** How long an answer is waited for after a sleep, ms. */
const wakeProbeMs = 5_000

/** What is watched, and what to do about it. */
export interface LivenessOptions {
  readonly livenessMs: number
  /** The wall clock: timers and the monotonic clock of some platforms stand still in a sleep. */
  readonly now: () => number
  /** Asks the other side for a sign of life. */
  readonly ping: () => void
  /** Nothing came in answer. `slept`: it was asked because of a sleep. */
  readonly onSilence: (silence: { readonly ms: number; readonly slept: boolean }) => void
}

/** Watches one connection. */
export interface Liveness {
  /** Something was heard. Costs next to nothing. */
  heard(): void
  stop(): void
}

/**
 * Notices that the other side is gone although the system says nothing: after a sleep, a change of
 * network, or behind a middlebox that dropped the connection.
 *
 * Silence alone proves nothing, so it asks first. It looks a few times within `livenessMs`, with one
 * timer that does not keep the process alive.
 */
export function watchLiveness({ livenessMs, now, ping, onSilence }: LivenessOptions): Liveness {
  const tickMs = Math.min(longestTickMs, Math.max(1, livenessMs / 5))
  let timer: ReturnType<typeof setTimeout> | undefined
  let heard = true
  let silentSince = now()
  let asked: { readonly slept: boolean } | undefined

  const look = (ms: number, plannedAt: number) => {
    timer = setTimeout(() => {
      const at = now()
      const slept = at - plannedAt - ms > jumpMs
      if (heard || at < plannedAt) {
        heard = false
        asked = undefined
        // A tick ago at most; that it was heard later only makes the question come later.
        silentSince = at
      }
      if (asked !== undefined && !slept) {
        onSilence({ ms: at - silentSince, slept: asked.slept })
        // Where the silence was no proof, the next one counts from here.
        silentSince = at
        asked = undefined
      } else if (slept || at - silentSince >= livenessMs) {
        asked = { slept: slept || asked?.slept === true }
        ping()
      }
      if (timer !== undefined) look(slept ? Math.min(tickMs, wakeProbeMs) : tickMs, at)
    }, ms)
    unref(timer)
  }
  look(tickMs, silentSince)

  return {
    heard() {
      heard = true
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
