import { unref } from '../../async/abort.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { redact } from '../../errors/redact.ts'
import type { KeychainBackend } from './backend.ts'

/** A keychain that answers in time, or fails. */
export type GuardedKeychain = Omit<KeychainBackend, 'abandon' | 'ready'>

export interface GuardOptions {
  readonly backend: KeychainBackend
  /** Longest wait for one call, ms. */
  readonly timeoutMs: number
  /** A clock that is never set, ms. */
  readonly elapsed?: () => number
}

/** A failure that took this long was no answer but the system's own time limit (D-Bus: 2 s). */
const slowMs = 1_000
/** How often such a failure is believed: on a busy machine the system's limit is soon reached. */
const maximalAttempts = 2
/** How long a helper process may take to start, on a machine where many do so at once. */
const startMs = 12_000
/** How long a caller waits for a keychain that was silent the last time: a healthy one needs a tenth. */
const graceMs = 500
/** How often a silent keychain is tried again. */
const retryMs = 2_000
/** A call that hangs may be waiting for a person, who is given this time. */
const patienceMs = 120_000

/**
 * Sets a time limit to every call, and keeps callers away from a keychain that is silent: with many
 * processes that wait for each other, each would otherwise find out for itself.
 *
 * | state | a call |
 * |---|---|
 * | 1. it answers, or refuses at once | goes through |
 * | 2. a call hangs | fails at once: the one that hangs may be waiting for a person, and is left alone |
 * | 3. it was silent the last time | waits a moment for one attempt that all share, and fails if nothing comes |
 */
export function guardKeychain(options: GuardOptions): GuardedKeychain {
  const { backend, timeoutMs, elapsed = () => performance.now() } = options
  /** Since when it is silent; `undefined`: it is not. */
  let silentSince: number | undefined
  let attempt: { readonly startedAt: number; readonly settled: Promise<void> } | undefined

  async function guarded<T>(call: () => Promise<T>): Promise<T> {
    if (silentSince !== undefined) await recovery()
    return limited(call)
  }

  /** One call, with what it says of the state of the keychain. */
  async function limited<T>(call: () => Promise<T>): Promise<T> {
    await started()
    const startedAt = elapsed()
    for (let attempt = 1; ; attempt++) {
      const attemptedAt = elapsed()
      const work = call()
      try {
        const value = await withTimer(work, timeoutMs - (attemptedAt - startedAt))
        silentSince = undefined
        return value
      } catch (error) {
        if (error instanceof TimedOut) {
          silentSince = elapsed()
          leaveAlone(work, startedAt)
          throw silent()
        }
        const isSlow = elapsed() - attemptedAt > slowMs
        silentSince = isSlow ? elapsed() : undefined
        if (!isSlow || attempt === maximalAttempts) throw refused(error)
      }
    }
  }

  async function started(): Promise<void> {
    try {
      await withTimer(backend.ready(), startMs)
    } catch (error) {
      throw error instanceof TimedOut ? silent() : refused(error)
    }
  }

  /** Row 2: what hangs is the attempt that all share. */
  function leaveAlone(work: Promise<unknown>, startedAt: number): void {
    const giveUp = setTimeout(() => backend.abandon(), patienceMs)
    unref(giveUp)
    const ended = () => {
      clearTimeout(giveUp)
      attempt = undefined
      silentSince = undefined
    }
    attempt = { startedAt, settled: work.then(ended, ended) }
  }

  /** Row 3. @throws AuthError `store_unavailable` */
  async function recovery(): Promise<void> {
    const since = silentSince ?? 0
    if (attempt === undefined && elapsed() - since >= retryMs) {
      const startedAt = elapsed()
      const done = () => {
        if (attempt?.startedAt === startedAt) attempt = undefined
      }
      const settled = limited(() => backend.get('probe')).then(done, done)
      attempt = { startedAt, settled }
    }
    const left = attempt === undefined ? 0 : graceMs - (elapsed() - attempt.startedAt)
    if (attempt !== undefined && left > 0) {
      await withTimer(attempt.settled, left).catch(() => {})
      if (silentSince === undefined) return
    }
    throw silent()
  }

  return {
    get: (account) => guarded(() => backend.get(account)),
    set: (account, text) => guarded(() => backend.set(account, text)),
    delete: (account) => guarded(() => backend.delete(account)),
    list: () => guarded(() => backend.list()),
  }
}

class TimedOut extends Error {}

/** The timer keeps the process alive, as a request does: somebody waits for the answer, and not for ever. */
async function withTimer<T>(work: Promise<T>, ms: number): Promise<T> {
  work.catch(() => {})
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), ms)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

function silent(): AuthError {
  return new AuthError('store_unavailable', 'The keychain does not answer.', {
    hint: 'Unlock the keychain, or answer its question; nothing was lost.',
  })
}

/** All failures have one code in the library (`GenericFailure`): what it says is for people only. */
function refused(error: unknown): AuthError {
  if (isAuthError(error)) return error
  const said = error instanceof Error ? redact(error.message) : ''
  const detail = said === '' ? '' : ` (${said})`
  return new AuthError('store_unavailable', `The keychain refused to work${detail}.`, {
    cause: error,
    hint: 'Unlock the keychain; on Linux a Secret Service has to run on the session bus of D-Bus. Nothing was lost.',
  })
}
