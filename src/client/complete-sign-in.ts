import { AuthError } from '../errors/auth-error.ts'
import type { ReturnedLogin } from '../login/flow.ts'
import type { Session } from '../session/session.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'
import { keepGrant } from './keep-grant.ts'
import { loginContext } from './login-context.ts'

/** Longer than the exchange of another tab takes. */
const lockTimeoutMs = 60_000

/**
 * Finishes a sign-in that came back with this page. Under the lock of sign-ins: who signs in meanwhile
 * waits, and adopts what this one brings.
 *
 * @returns what the client wanted to do afterwards
 */
export async function completeSignIn(core: ClientCore, returned: ReturnedLogin): Promise<unknown> {
  const { key, lock } = core.settings
  const signal = core.closing
  const context = loginContext(core, {}, { signal })
  return lock.withLock(`${nameOf(key)}#login`, { timeoutMs: lockTimeoutMs, signal }, async () => {
    const result = await returned.finish(context)
    if ('grant' in result) {
      await keepGrant(core, result.grant)
      result.stored()
      return result.afterwards
    }
    // An answer that was used before is no failure where it has brought what it could.
    const { session } = await core.keeper.reload()
    if (session.status !== 'signed-in') throw result.lost
    return undefined
  })
}

/** What `AuthClient.completeLogin` does. */
export async function completeLogin(
  core: ClientCore,
  url: string | URL | undefined,
): Promise<Session | undefined> {
  if (url !== undefined) collectFrom(core, url)
  if (core.completion === undefined) return undefined
  await core.completion.finished()
  return core.load()
}

/** @throws AuthError `config_invalid`, `state_mismatch` */
function collectFrom(core: ClientCore, url: string | URL): void {
  if (!URL.canParse(url)) {
    throw new AuthError('config_invalid', 'The url of completeLogin is not an address.')
  }
  const address = new URL(url)
  if (!core.collect(address) && address.searchParams.has('state')) {
    throw new AuthError('state_mismatch', 'The address belongs to no sign-in of this tab.', {
      hint: 'Sign in again here: an answer counts only in the tab that asked for it, and once.',
    })
  }
}
