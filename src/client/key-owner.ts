import { assertApiKey } from '../api-keys/inspect.ts'
import { type ApiKeyOwner, mayHaveMade } from '../api-keys/owner.ts'
import { getApiKey, revokeApiKey } from '../api-keys/requests.ts'
import type { EnsuredApiKey } from '../api-keys/types.ts'
import { raceSignal } from '../async/abort.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { loadPart } from '../errors/load-part.ts'
import type { CallOptions } from '../http/call-options.ts'
import { Secret } from '../secret/secret.ts'
import type { Account, HeldApiKey } from '../session/account.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'
import type { KeyKeeper } from './refusals.ts'

/** Creating, trying and revoking a key take several requests. */
const lockTimeoutMs = 60_000
/** A key that is refused so soon after it replaced another one is not replaced again, ms. */
const replacementRestMs = 600_000

/** Connects `client.apiKeys` with the key that the client stores and uses. */
export function apiKeyOwner(core: ClientCore, context: ApiKeyOwner['context']): ApiKeyOwner {
  const { lock, key: storeKey } = core.settings
  return {
    context,
    async current() {
      const { apiKey } = core.settings
      if (apiKey !== undefined) return describe({ secret: apiKey })
      const held = (await core.keeper.account()).apiKey
      return held && describe(held)
    },
    async verify(key, signal) {
      const verdict = await (await core.serverAccess()).judgeKey(
        { secret: new Secret(key), origins: core.settings.origins },
        signal,
      )
      if (verdict === 'valid' || verdict === 'unsupported') return
      // A page cannot ask the gateway (★8); key management has just answered it with this key.
      if (core.settings.browser) return
      throw verdict === 'unknown' || verdict === 'unasked'
        ? new AuthError('service_unavailable', 'The gateway could not confirm the new API key.')
        : new AuthError('api_key_rejected', 'The new API key is not accepted.')
    },
    async keep({ key, id, name, expiresAt }, replaces) {
      const { origins } = core.settings
      const secret = new Secret(key)
      const { apiKey } = await core.keeper.update((account) =>
        mayKeep(account, replaces)
          ? { ...account, apiKey: { secret, id, name, expiresAt: expiresAt?.getTime(), origins } }
          : undefined,
      )
      return secret.equals(apiKey?.secret)
    },
    async forget(id) {
      await core.keeper.update((account) =>
        account.apiKey?.id === id ? { ...account, apiKey: undefined } : undefined,
      )
    },
    exclusively(signal, work) {
      // A lock of its own: inside it the session may have to be renewed, under the session's lock.
      const done = lock.withLock(
        `${nameOf(storeKey)}#api-key`,
        { timeoutMs: lockTimeoutMs, signal },
        async () => {
          await core.keeper.readAnew()
          return work()
        },
      )
      // Who leaves does not wait for what has to be tidied up.
      return raceSignal(done, signal)
    },
  }
}

/** A sign-out that happened while the key was made stands, and so does another key. */
function mayKeep({ session, apiKey, legacyToken }: Account, replaces: string | undefined): boolean {
  if (session.status === 'signed-out' && legacyToken === undefined) return false
  return replaces === undefined ? apiKey === undefined : apiKey?.id === replaces
}

/** Stores a key as the one in use. */
export async function keepApiKey(core: ClientCore, apiKey: HeldApiKey): Promise<void> {
  const { origins } = core.settings
  await core.keeper.update((account) => ({ ...account, apiKey: { ...apiKey, origins } }))
}

/**
 * Revokes the stored key, for a person who is about to leave. Where it can be, under the lock of those who
 * replace a refused key: one whose request comes in between would make another key, that nobody has.
 *
 * @returns why it could not be revoked
 */
export async function revokeStoredKey(
  { keeper }: ClientCore,
  { context, forget, exclusively }: ApiKeyOwner,
  { signal }: CallOptions,
): Promise<string | undefined> {
  // Loaded with the sign-out in any case.
  const { untilGivenUp } = await loadPart(import('./signing.ts'))
  const revoke = async () => {
    // Another process may have made or replaced it; where that cannot be read now, what was seen last counts.
    const { apiKey } = await untilGivenUp(keeper.reload(), signal).catch(() =>
      untilGivenUp(keeper.account(), signal),
    )
    if (apiKey === undefined) return undefined
    if (apiKey.id === undefined)
      return 'The API key was not created here; revoke it in the dashboard.'
    try {
      await revokeApiKey(await context(), apiKey.id, { signal })
      await forget(apiKey.id)
      return undefined
    } catch (error) {
      if (!isAuthError(error)) throw error
      return error.message
    }
  }
  // A lock that cannot be had is no reason to let the key live on.
  return exclusively(signal, revoke).catch(revoke)
}

/** What happens to a stored key that a service refuses (roadmap §2.4). */
export function keyKeeper(core: ClientCore, owner: ApiKeyOwner): KeyKeeper {
  let replacedAt: number | undefined

  return {
    async isRevoked(signal) {
      const id = await managedKeyId(core)
      if (id === undefined) return false
      try {
        return !(await getApiKey(await owner.context(), id, { signal })).active
      } catch (error) {
        if (!isAuthError(error) || error.code === 'aborted') throw error
        return false
      }
    },

    async replace(refused, signal) {
      const now = core.settings.now()
      if (replacedAt !== undefined && Math.abs(now - replacedAt) < replacementRestMs) return false
      if ((await managedKeyId(core)) === undefined) return false
      let isMade = false
      try {
        await owner.exclusively(signal, async () => {
          const { apiKey } = await core.keeper.account()
          // Somebody else has replaced it, or has forgotten it.
          if (apiKey === undefined || !apiKey.secret.equals(refused)) return
          const { createSuccessor, putInUse } = await import('../api-keys/replace.ts')
          const created = await createSuccessor(await owner.context(), apiKey, { signal })
          replacedAt = now
          isMade = true
          await putInUse(owner, created, apiKey.id)
        })
        return true
      } catch (error) {
        if (!isAuthError(error)) throw error
        // A key may have been made all the same: not another one with each request from here on.
        if (mayHaveMade(error)) replacedAt = now
        // What keeps a key that was made from being used names it: nobody else knows of it.
        if (isMade || error.code === 'aborted') throw error
        return false
      }
    },
  }
}

/** The id of the stored key, where this library made it and there is a session to manage it with. */
async function managedKeyId(core: ClientCore): Promise<string | undefined> {
  const { apiKey, session } = await core.keeper.account()
  return session.status === 'signed-in' ? apiKey?.id : undefined
}

function describe({ secret, id, name }: HeldApiKey): EnsuredApiKey {
  const { publicId, kind } = assertApiKey(secret.reveal(), 'The API key')
  return {
    publicId,
    kind,
    created: false,
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
  }
}
