import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { RedisCommandFunction } from './client.ts'
import type { Script } from './scripts.ts'

/** Longest wait for one answer. With a few attempts it stays below what the session allows its store. */
const commandTimeoutMs = 2_500

/** Between attempts, ms: a connection that broke is back soon, or not for a while. */
const pausesMs = [50, 250]

/** One run of a script. */
interface ScriptRun {
  readonly keys: readonly [string, ...string[]]
  readonly args?: readonly string[] | undefined
  readonly timeoutMs?: number | undefined
  /** Sends it however late, because somebody else waits for what it does. */
  readonly insist?: boolean | undefined
  /** Called before it is run again: nobody knows then whether it was done before. */
  readonly onRepeat?: (() => void) | undefined
}

/** Runs scripts in Redis, and reads. */
export interface RedisConnection {
  /** Reads a field of a hash. It is on its way when this returns. */
  field(key: string, name: string): Promise<unknown>
  /**
   * Runs a script, and again when the connection broke: each has something by which it recognises itself.
   * @throws AuthError `store_unavailable`; then nobody knows whether it was done
   */
  run(script: Script, run: ScriptRun): Promise<unknown>
}

export function redisConnection(
  send: RedisCommandFunction,
  limitMs: number = commandTimeoutMs,
): RedisConnection {
  async function evaluate(
    script: Script,
    { keys, args = [] }: ScriptRun,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const context = { key: keys[0], signal }
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await send(['EVALSHA', await script.sha(), ...rest], context)
    } catch (error) {
      if (replyCode(error) !== 'NOSCRIPT') throw error
      // A server that was restarted, or that has never seen it.
      return await send(['EVAL', script.source, ...rest], context)
    }
  }

  async function limited(
    work: (signal: AbortSignal) => PromiseLike<unknown>,
    timeoutMs: number,
  ): Promise<unknown> {
    const deadline = startDeadline(timeoutMs)
    try {
      return await raceSignal(Promise.resolve(work(deadline.signal)), deadline.signal)
    } catch (error) {
      throw unavailable(error, deadline.timedOut() ? timeoutMs : undefined)
    } finally {
      deadline.dispose()
    }
  }

  return {
    field: (key, name) => limited((signal) => send(['HGET', key, name], { key, signal }), limitMs),

    async run(script, run) {
      const { timeoutMs = limitMs, insist = false, onRepeat } = run
      for (let made = 0; ; made++) {
        try {
          const work = (signal: AbortSignal) => evaluate(script, run, insist ? undefined : signal)
          return await limited(work, timeoutMs)
        } catch (error) {
          const pauseMs = pausesMs[made]
          if (pauseMs === undefined) throw error
          onRepeat?.()
          await new Promise((resolve) => setTimeout(resolve, pauseMs))
        }
      }
    },
  }
}

/** An answer that is a list of texts; clients may be set to give bytes. */
export function textsOf(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map(textOf) : []
}

export function textOf(reply: unknown): string {
  return reply instanceof Uint8Array ? new TextDecoder().decode(reply) : String(reply ?? '')
}

/** The codes that error answers begin with, and what they ask of a person. */
const replyHints: Readonly<Record<string, string | undefined>> = {
  NOSCRIPT: undefined,
  NOAUTH: 'Give the Redis client a user and a password.',
  WRONGPASS: 'Correct the user and the password of the Redis client.',
  NOPERM: 'Allow this user of Redis the commands EVAL and EVALSHA, and the keys with the prefix.',
  READONLY: 'Connect to the primary; this Redis is a replica, as after a failover.',
  OOM: 'Redis has no memory left: give it more, and do not let it evict credentials.',
  MISCONF: 'Redis cannot write to its disk, and refuses changes until it can.',
  LOADING: 'Redis is starting; try again in a moment.',
  MASTERDOWN: 'The replica has lost its primary; try again after the failover.',
  CLUSTERDOWN: 'The Redis Cluster is not complete; try again when it is.',
  NOREPLICAS: 'Redis has fewer replicas than it is set to write with.',
  BUSY: 'Redis is busy with a script of somebody.',
  WRONGTYPE: 'Another program uses these keys; choose another prefix.',
  CROSSSLOT: 'The client puts a prefix with braces before the keys; remove it.',
}

/** The code is the protocol's own, at the beginning of the text; the rest may hold what was sent. */
function replyCode(error: unknown): string | undefined {
  const code = error instanceof Error ? /^[A-Z]+\b/.exec(error.message)?.[0] : undefined
  return code !== undefined && Object.hasOwn(replyHints, code) ? code : undefined
}

function unavailable(error: unknown, timeoutMs: number | undefined): AuthError {
  if (timeoutMs !== undefined) {
    return new AuthError('store_unavailable', `Redis did not answer within ${timeoutMs} ms.`)
  }
  const code = replyCode(error)
  const said = code === undefined ? 'Redis could not be used.' : `Redis refused (${code}).`
  const hint =
    (code && replyHints[code]) ??
    'Check that Redis is up and its client connected; nothing was lost.'
  return new AuthError('store_unavailable', said, { cause: error, hint })
}
