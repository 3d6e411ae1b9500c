import { isAuthError } from '../errors/auth-error.ts'
import { type Account, hasLeft, type Tokens } from '../session/account.ts'
import { destroyIn } from '../store/entries.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'
import { assertGateway } from './gateway-access.ts'
import type { LogoutOptions, LogoutResult } from './options.ts'

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
  const held: { tokens?: Tokens } = { ...tokensOf(core.keeper.known) }
  const forget = (account: Account): Account => ({
    session: { status: 'signed-out', since: core.settings.now() },
    // What was imported once must not come back by itself.
    ...(account.imported === undefined ? {} : { imported: account.imported }),
    ...(apiKey === 'keep' ? { apiKey: account.apiKey } : {}),
  })
  try {
    await core.keeper.update((account) => {
      Object.assign(held, { tokens: undefined }, tokensOf(account))
      return forget(account)
    })
  } catch (error) {
    // A renewal may have brought others meanwhile, which only this process knows.
    const { tokens } = { ...held, ...tokensOf(core.keeper.known) }
    if (tokens === undefined) throw error
    // What cannot be removed is at least of no use any more, and this process has forgotten it.
    core.keeper.insist((account) => (hasLeft(account, tokens) ? undefined : forget(account)))
    await revoke(core, tokens, signal)
    throw error
  }
  if (held.tokens === undefined) return { revoked: false, reason: 'Nobody was signed in.' }
  return revoke(core, held.tokens, signal)
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
    return {
      revoked: false,
      reason: 'A page cannot revoke tokens at this gateway; they end by themselves.',
    }
  }
  try {
    assertGateway(core.settings, tokens.origins)
    const { oauth, context } = await core.oauth(signal)
    await oauth.revokeTokens(context, tokens)
    return { revoked: true }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { revoked: false, reason: error.message }
  }
}
