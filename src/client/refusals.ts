import { AuthError } from '../errors/auth-error.ts'
import type { KeyVerdict } from '../gateway/identity.ts'
import type { RefusalVerdict, RefusedRequest } from '../http/credentialed-fetch.ts'
import type { Secret } from '../secret/secret.ts'
import { loginRequired, sessionExpired } from '../session/session-errors.ts'
import type { SessionKeeper } from '../session/session-keeper.ts'

/** What the judge asks, and whom. */
export interface RefusalJudgeOptions {
  readonly keeper: SessionKeeper
  readonly now: () => number
  /** Whether the authorization server calls this access token active; `undefined`: it did not say. */
  readonly isActive: (token: Secret) => Promise<boolean | undefined>
  /** What the gateway says of an API key. */
  readonly judgeKey: (key: Secret) => Promise<KeyVerdict>
  /** Whether the key in use is the caller's own word, and so neither read again nor replaced. */
  readonly keyIsGiven: boolean
  readonly keys: KeyKeeper | undefined
}

/** Deals with an API key that is no good any more; installed by the client that manages keys. */
export interface KeyKeeper {
  /** Whether key management says that the key in use was revoked. */
  readonly isRevoked: (signal: AbortSignal | undefined) => Promise<boolean>
  /** Obtains one new key in place of a refused one that this library had made. @returns whether it did. @throws AuthError naming one that is left over */
  readonly replace: (refused: Secret, signal: AbortSignal | undefined) => Promise<boolean>
}

/** For how long an answer about a credential is believed, ms. */
const memoryMs = 30_000

/**
 * Finds out what a 401 means. On its own it proves nothing: the edge sends it when the gateway is
 * limited or down, too (★23).
 *
 * | what was refused | what is found | then |
 * |---|---|---|
 * | access token | signed out, or ended, meanwhile | `login_required`, `session_expired` |
 * | access token | the store has another one by now | again, with that |
 * | access token | the server calls it inactive | renew, again |
 * | access token | active, or no answer | `service_unavailable` |
 * | API key | another one is stored by now | again, with that |
 * | API key | the gateway calls it expired or invalid | a new one if it was ours to make, else `api_key_expired`, `api_key_revoked`, `api_key_rejected` |
 * | API key | the gateway has no route to ask | a new one if key management calls it revoked, else `api_key_rejected` |
 * | API key | valid, no answer, or the gateway may not be asked (a page, ★8) | `service_unavailable` |
 */
export class RefusalJudge {
  readonly #options: RefusalJudgeOptions
  readonly #askActive: (token: Secret) => Promise<boolean | undefined>
  readonly #askKey: (key: Secret) => Promise<KeyVerdict>

  constructor(options: RefusalJudgeOptions) {
    this.#options = options
    const { isActive, judgeKey, now } = options
    this.#askActive = remembered(isActive, { now, isAnswer: (active) => active !== undefined })
    this.#askKey = remembered(judgeKey, { now, isAnswer: (verdict) => verdict !== 'unknown' })
  }

  /** @throws AuthError when there is no credential any more */
  judge({
    credential,
    signal,
  }: Pick<RefusedRequest, 'credential' | 'signal'>): Promise<RefusalVerdict> {
    const { type, secret } = credential
    return type === 'bearer' ? this.#judgeToken(secret) : this.#judgeKey(secret, signal)
  }

  async #judgeToken(token: Secret): Promise<RefusalVerdict> {
    const { keeper } = this.#options
    const { session } = await keeper.reload()
    if (session.status === 'signed-out') throw loginRequired()
    if (session.status === 'expired') throw sessionExpired()
    const { tokens } = session
    if (!tokens.accessToken.equals(token) || !keeper.isFresh(tokens)) return retry
    const active = await this.#askActive(token)
    if (active !== false) return unavailable('token', active === true)
    if (tokens.refreshToken === undefined) await keeper.end(tokens)
    else await keeper.refresh({ refused: token })
    return retry
  }

  async #judgeKey(key: Secret, signal: AbortSignal | undefined): Promise<RefusalVerdict> {
    const { keeper, keyIsGiven, keys } = this.#options
    if (!keyIsGiven) {
      const { apiKey } = await keeper.reload()
      if (apiKey === undefined || !apiKey.secret.equals(key)) return retry
    }
    const verdict = await this.#askKey(key)
    if (verdict === 'valid' || verdict === 'unknown' || verdict === 'unasked') {
      return unavailable('API key', verdict === 'valid')
    }
    const error = await this.#keyError(verdict, signal)
    const isProven = verdict !== 'unsupported' || error.code === 'api_key_revoked'
    const mayReplace = isProven && !keyIsGiven
    return mayReplace && (await keys?.replace(key, signal)) ? retry : { type: 'error', error }
  }

  async #keyError(verdict: KeyVerdict, signal: AbortSignal | undefined): Promise<AuthError> {
    const status = { status: 401 }
    if (verdict === 'expired') {
      return new AuthError('api_key_expired', 'The API key has expired.', status)
    }
    const { keyIsGiven, keys } = this.#options
    if (!keyIsGiven && (await keys?.isRevoked(signal))) {
      return new AuthError('api_key_revoked', 'The API key was revoked.', status)
    }
    return new AuthError('api_key_rejected', 'The API key is not accepted.', status)
  }
}

const retry: RefusalVerdict = { type: 'retry' }

function unavailable(what: string, isGood: boolean): RefusalVerdict {
  const said = isGood
    ? 'the gateway says that it is good'
    : 'the gateway did not say that it is bad'
  const message = `The service refuses the ${what}, though ${said}.`
  return { type: 'error', error: new AuthError('service_unavailable', message, { status: 401 }) }
}

/** Asks once for all who want to know of the same credential within a while; failures are no answers. */
function remembered<T>(
  ask: (secret: Secret) => Promise<T>,
  { now, isAnswer }: { readonly now: () => number; readonly isAnswer: (said: T) => boolean },
): (secret: Secret) => Promise<T> {
  let last: { secret: Secret; at: number; answer: Promise<T> } | undefined
  return (secret) => {
    if (last?.secret.equals(secret) && Math.abs(now() - last.at) < memoryMs) return last.answer
    const asked = { secret, at: now(), answer: ask(secret) }
    last = asked
    const forget = () => {
      if (last === asked) last = undefined
    }
    asked.answer.then((said) => isAnswer(said) || forget(), forget)
    return asked.answer
  }
}
