import { once } from '../async/once.ts'
import { isAuthError } from '../errors/auth-error.ts'
import { loadPart } from '../errors/load-part.ts'
import type { LoginFlow, ReturnedLogin } from '../login/flow.ts'
import type { ClientCore } from './core.ts'

/** A sign-in that has come back with this page: finished once, on first use. */
export interface Completion {
  readonly id: string
  /** What the client wanted to do when the person is signed in; it takes it away when it is done. */
  afterwards: unknown
  /** Waits for its end, whatever that is. */
  readonly settled: () => Promise<void>
  /** The same, for who reports how it ended. @throws AuthError why it failed, each time */
  readonly finished: () => Promise<void>
  /** The same, for who starts another one. @throws AuthError why it failed, unless somebody has been told */
  readonly tell: () => Promise<void>
}

/** Takes an answer out of the address, or out of `url`. */
export function collect(
  flows: readonly LoginFlow[],
  account: string,
  url?: URL,
): ReturnedLogin | undefined {
  for (const flow of flows) {
    const returned = flow.collect?.(account, url)
    if (returned !== undefined) return returned
  }
  return undefined
}

export function completionOf(core: ClientCore, returned: ReturnedLogin): Completion {
  let end: Promise<void> | undefined
  let told = false
  const load = once(() => loadPart(import('./signing.ts')))
  const complete = async () => {
    const { completeSignIn } = await load()
    try {
      completion.afterwards = await completeSignIn(core, returned)
    } catch (error) {
      // Nothing was used yet: the next call tries again. Every other end is one for good.
      if (isAuthError(error, 'lock_timeout')) end = undefined
      throw error
    }
  }
  const run = async () => {
    await load()
    end ??= complete()
    return end
  }
  const finished = () => {
    told = true
    return run()
  }
  const settled = () => run().catch(() => {})
  const completion: Completion = {
    id: returned.id,
    afterwards: undefined,
    settled,
    finished,
    tell: () => (told ? settled() : finished()),
  }
  return completion
}
