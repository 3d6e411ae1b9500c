import type { LoginGrant } from '../login/flow.ts'
import { holds, type Tokens, withTokens } from '../session/account.ts'
import { type AccountChange, mayBeWritten } from '../session/account-store.ts'
import type { ClientCore } from './core.ts'

/** Stores what a sign-in has brought. @throws AuthError `store_unavailable`, … */
export async function keepGrant(core: ClientCore, grant: LoginGrant): Promise<void> {
  const tokens = signInOf(core, grant)
  await keepOrDiscard(core, tokens, (account) => withTokens(account, tokens))
}

/** Tokens as those of a sign-in of its own. */
export function signInOf(core: ClientCore, grant: LoginGrant): Tokens {
  return { ...grant, origins: core.settings.origins, signInId: crypto.randomUUID() }
}

/**
 * Makes tokens that were just obtained a part of the account, or has them revoked: nobody would ever use
 * them, and they would live for weeks.
 *
 * @returns whether they are kept; somebody else may have decided otherwise
 * @throws AuthError `store_unavailable`, …
 */
export async function keepOrDiscard(
  core: ClientCore,
  tokens: Tokens,
  change: AccountChange,
): Promise<boolean> {
  const discard = async () => (await core.serverAccess()).discard(tokens)
  try {
    if (holds(await core.keeper.update(change), tokens)) return true
  } catch (error) {
    if (!mayBeWritten(error)) await discard()
    throw error
  }
  await discard()
  return false
}
