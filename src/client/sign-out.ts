import { isAuthError } from '../errors/auth-error.ts'
import { type Account, hasLeft, type Tokens } from '../session/account.ts'
import { destroyIn } from '../store/entries.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'
import { assertGateway } from './gateway-access.ts'
import type { LogoutOptions, LogoutResult } from './options.ts'
import { untilGivenUp } from './until-given-up.ts'

/** Longer than a renewal takes that is under way. */
const lockTimeoutMs = 40_000

/**
 * Forgets the session here, then tells the server. In this order a sign-out holds although the
 * server cannot be reached, or the process ends in between.
 */
export async function signOut(
  core: ClientCore,
  { apiKey = 'forget', signal }: LogoutOptions,
): Promise<LogoutResult> {
  const held: { tokens?: Tokens; legacyToken?: unknown } = { ...tokensOf(core.keeper.known) }
  const forget = (account: Account): Account => ({
    session: { status: 'signed-out', since: core.settings.now() },
    // What was imported once must not come back by itself.
    ...(account.imported === undefined ? {} : { imported: account.imported }),
    ...(apiKey === 'keep' ? { apiKey: account.apiKey } : {}),
  })
  try {
    const update = core.keeper.update((account) => {
      const { legacyToken } = account
      Object.assign(held, { tokens: undefined, legacyToken }, tokensOf(account))
      return forget(account)
    })
    await untilGivenUp(update, signal)
  } catch (error) {
    // A renewal may have brought others meanwhile, which only this process knows.
    const { known } = core.keeper
    const { tokens } = { ...held, ...tokensOf(known) }
    if (tokens === undefined) {
      const hasKey = known?.apiKey !== undefined && apiKey !== 'keep'
      if (hasKey || known?.legacyToken !== undefined) {
        core.keeper.insist((account) =>
          isSameWithout(account, known) ? forget(account) : undefined,
        )
      }
      throw error
    }
    // What cannot be removed is at least of no use any more, and this process has forgotten it.
    core.keeper.insist((account) => (hasLeft(account, tokens) ? undefined : forget(account)))
    await revoke(core, tokens, signal)
    throw error
  }
  const ended: LogoutResult =
    held.tokens === undefined
      ? { revoked: false, reason: 'Nobody was signed in.' }
      : await revoke(core, held.tokens, signal)
  if (held.legacyToken === undefined || ended.alive !== undefined) return ended
  return {
    revoked: false,
    reason: 'Nothing revokes a token of the time before OAuth.',
    alive: ['tokens'],
  }
}

/**
 * Signs out, then removes what was written. In this order, and the second under the lock: a renewal
 * under way finds a sign-out, which is final, and not an account that has got lost.
 */
export async function destroyAccount(core: ClientCore): Promise<void> {
  const { store, lock, key, flows } = core.settings
  let damage: unknown
  try {
    await signOut(core, {})
  } catch (error) {
    // What cannot be read or changed may still be removable.
    if (!isAuthError(error)) throw error
    if (error.code === 'store_corrupt') damage = error
  }
  for (const flow of flows) flow.forget?.(nameOf(key))
  await lock.withLock(nameOf(key), { timeoutMs: lockTimeoutMs }, () => destroyIn(store, key))
  core.close()
  // It was set aside, and may be of others as well: somebody has to look.
  if (damage !== undefined) throw damage
}

/** Whether nobody has signed in since, or set another key. */
function isSameWithout({ session, apiKey, legacyToken }: Account, known: Account): boolean {
  const isSame =
    apiKey?.secret.equals(known.apiKey?.secret) || legacyToken?.equals(known.legacyToken)
  return session.status !== 'signed-in' && isSame === true
}

function tokensOf(account: Account | undefined): { tokens?: Tokens } {
  return account?.session.status === 'signed-in' ? { tokens: account.session.tokens } : {}
}

async function revoke(
  core: ClientCore,
  tokens: Tokens,
  signal: AbortSignal | undefined,
): Promise<LogoutResult> {
  if (core.settings.browser && !core.settings.server.discover && tokens.kind === 'opaque') {
    // ★17 The gateway wants a cookie of its own origin, which a page of another one cannot set.
    const reason = 'A page cannot revoke tokens at this gateway; they end by themselves.'
    return { revoked: false, reason, alive: ['tokens'] }
  }
  try {
    assertGateway(core.settings, tokens.origins)
    const { oauth, context } = await core.oauth(signal)
    await oauth.revokeTokens(context, tokens)
    return { revoked: true }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { revoked: false, reason: error.message, alive: ['tokens'] }
  }
}
