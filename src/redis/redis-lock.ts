import { type Deadline, raceSignal, startDeadline, throwIfAborted, unref } from '../async/abort.ts'
import { pause } from '../async/pause.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Lease, Lock } from '../lock/lock.ts'
import { memoryLock } from '../lock/memory-lock.ts'
import { type RedisConnection, textOf } from './connection.ts'
import type { KeyNames } from './key-names.ts'
import { type Script, scripts } from './scripts.ts'

/**
 * A holder that gives no sign of life for this long has lost the lock. Whatever is sent inside a lock has
 * to have a time limit below half of it.
 */
const defaultLeaseMs = 30_000
/** Signs of life in the life of a lease: several may be lost before anybody worries. */
const beats = 6
/** Longest wait for the lock to be given back: it ends by itself. */
const releaseMs = 1_000
/** Between looks at a lock that somebody else holds, ms. */
const shortestPauseMs = 20
const longestPauseMs = 250

export interface RedisLockOptions {
  readonly connection: RedisConnection
  readonly namesOf: (name: string) => KeyNames
  readonly leaseMs?: number | undefined
}

/**
 * Mutual exclusion over all hosts that share a Redis: a lease in a key that Redis itself lets end, by its
 * own clock, unless its holder gives signs of life.
 *
 * **What happens to who loses the lease.** `isHeld` asks Redis and prolongs the lease: when it says yes,
 * nobody else gets in for the rest of the lease's life, even if the connection is lost right then. Whoever
 * gets the lock raises the fence of the account, which is a part of its revision. So what an earlier holder
 * has read before it stalled, it cannot commit over any more: it has to read again and decide anew. It is
 * not shut out for good, because it may be the only one to know the successor of the token it has sent.
 *
 * Within a process nobody needs Redis to wait for a turn, so that each process asks once. Those that wait
 * look again after a while that grows and differs, so that they do not all come at once.
 */
export function redisLock({
  connection,
  namesOf,
  leaseMs = defaultLeaseMs,
}: RedisLockOptions): Lock {
  const turns = memoryLock()

  return {
    async withLock(name, options, work) {
      throwIfAborted(options.signal)
      const deadline = startDeadline(options.timeoutMs, options.signal)
      try {
        return await turns.withLock(name, options, async () => {
          const contender = new Contender(connection, { names: namesOf(name), leaseMs })
          await contender.enter(deadline)
          try {
            return await work(contender)
          } finally {
            await contender.leave()
          }
        })
      } finally {
        deadline.dispose()
      }
    },
  }
}

/** One attempt to get a lock, known to Redis by a nonce. */
class Contender implements Lease {
  readonly #connection: RedisConnection
  readonly #names: KeyNames
  readonly #leaseMs: number
  readonly #nonce = crypto.randomUUID()
  #asking: Promise<unknown> = Promise.resolve()
  #heartbeat: ReturnType<typeof setTimeout> | undefined
  #left = false

  constructor(
    connection: RedisConnection,
    { names, leaseMs }: { readonly names: KeyNames; readonly leaseMs: number },
  ) {
    this.#connection = connection
    this.#names = names
    this.#leaseMs = leaseMs
  }

  /** @throws AuthError `lock_timeout`, `aborted`, `store_unavailable` */
  async enter({ signal, timedOut }: Deadline): Promise<void> {
    const keys = [this.#names.lease, this.#names.record] as const
    try {
      for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
        const asking = this.#run(scripts.acquire, keys)
        this.#asking = asking
        if (await raceSignal(asking, signal)) break
        await pause(pauseMs * (0.5 + Math.random()), signal)
      }
    } catch (error) {
      // Nobody has to wait for it: who gives up has nothing in hand.
      void this.leave()
      if (!isAuthError(error, 'aborted') || !timedOut()) throw error
      throw new AuthError('lock_timeout', 'Another process holds the lock on these credentials.')
    }
    this.#keepBeating()
  }

  async isHeld(): Promise<boolean> {
    try {
      for (;;) {
        const since = performance.now()
        const held = await this.#run(scripts.renew, [this.#names.lease])
        // Who has stalled in between knows nothing any more.
        if (!held || performance.now() - since < this.#leaseMs / beats) return held
      }
    } catch {
      return false
    }
  }

  /** Gives the lock back, or the wish to have it. What does not get through ends with the lease. */
  async leave(): Promise<void> {
    this.#left = true
    clearTimeout(this.#heartbeat)
    const release = () =>
      this.#run(scripts.release, [this.#names.lease], { timeoutMs: releaseMs, insist: true })
    // After a question that is under way: its answer may be the lock.
    const released = this.#asking.then(release, release).catch(() => {})
    const limit = startDeadline(releaseMs)
    try {
      await raceSignal(released, limit.signal)
    } catch {
      // Whoever has a result in hand does not wait for this any longer.
    } finally {
      limit.dispose()
    }
  }

  #keepBeating(): void {
    if (this.#left) return
    const again = () => this.#keepBeating()
    this.#heartbeat = setTimeout(() => {
      this.#run(scripts.renew, [this.#names.lease]).then(again, again)
    }, this.#leaseMs / beats)
    unref(this.#heartbeat)
  }

  async #run(
    script: Script,
    keys: readonly [string, ...string[]],
    limits: { readonly timeoutMs?: number; readonly insist?: boolean } = {},
  ): Promise<boolean> {
    const args = [this.#nonce, String(this.#leaseMs)]
    return textOf(await this.#connection.run(script, { keys, args, ...limits })) === '1'
  }
}
