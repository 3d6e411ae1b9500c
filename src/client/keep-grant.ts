import type { LoginGrant } from '../login/flow.ts'
import { withTokens } from '../session/account.ts'
import { mayBeWritten } from '../session/account-store.ts'
import type { ClientCore } from './core.ts'

/** Stores what a sign-in has brought. @throws AuthError `store_unavailable`, … */
export async function keepGrant(core: ClientCore, grant: LoginGrant): Promise<void> {
  const { origins } = core.settings
  const tokens = { ...grant, origins, signInId: crypto.randomUUID() }
  try {
    await core.keeper.update((account) => withTokens(account, tokens))
  } catch (error) {
    // Nobody will ever use it, and it would live for weeks.
    if (!mayBeWritten(error)) await (await core.serverAccess()).discard(tokens)
    throw error
  }
}
