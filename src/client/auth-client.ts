import { raceSignal } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import { loadPart } from '../errors/load-part.ts'
import type { LoginExplanation } from '../login/explain.ts'
import type { Introspection } from '../oauth/introspection.ts'
import { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'
import { loadingSession, type Session } from '../session/session.ts'
import type { StoreDescription } from '../store/store.ts'
import { ClientCore } from './core.ts'
import type { ClientEventListener, ClientEvents } from './events.ts'
import type { AuthClientOptions, LoginOptions, LogoutOptions, LogoutResult } from './options.ts'
import { resolveSettings } from './settings.ts'

const cores = new WeakMap<AuthClient, ClientCore>()

/** The parts of a client, for its subclass in this package. */
export function coreOf(client: AuthClient): ClientCore {
  const core = cores.get(client)
  if (core === undefined) throw new TypeError('This is not a client of this package.')
  return core
}

/** What {@link AuthClient.getAccessToken} can be told. */
export interface AccessTokenOptions {
  /** How long the token has to be valid for still, in ms; at most its life counts. */
  readonly minValidityMs?: number | undefined
  /** Gives up waiting. A renewal that others wait for goes on. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Signs a person in at one authorization server, keeps the session alive, and sends requests with it.
 *
 * It is the generic half of {@link LanonasisClient}: for an application that only needs sign-in, or
 * for another server (`issuer`).
 *
 * @example
 * ```ts
 * import { AuthClient } from '@lanonasis/auth-client'
 *
 * const client = new AuthClient({
 *   clientId: 'my-app',
 *   issuer: 'https://id.example.com',
 *   resources: ['https://api.example.com'],
 * })
 * ```
 */
export class AuthClient {
  /** The OAuth client id. */
  readonly clientId: string

  /** @throws AuthError `config_invalid`, naming the option or the environment variable */
  constructor(options: AuthClientOptions) {
    this.clientId = options.clientId
    cores.set(this, new ClientCore(resolveSettings(options)))
  }

  /**
   * Signs a person in with the first flow that fits, and stores the tokens before it returns.
   *
   * The server may grant less than was asked for (RFC 6749 §3.3): that is no failure, and `scope` of the
   * session says what it granted. What a request needs and the grant has not is `insufficient_scope`,
   * with `missingScope`.
   *
   * @throws AuthError `login_required` (interaction is `never`), `login_timeout`, `login_cancelled`,
   * `access_denied`, `state_mismatch`, `issuer_mismatch`, `port_in_use`, `store_unavailable`, …
   * @see RFC 6749 §4.1, RFC 7636, RFC 8252
   */
  async login(options: LoginOptions = {}): Promise<Session> {
    const { signIn } = await loadPart(import('./signing.ts'))
    return signIn(coreOf(this), options)
  }

  /**
   * Says which flow {@link AuthClient.login} would run here, and why it passes over the others. It asks
   * nobody and opens nothing; another server than the gateway may be asked for its metadata.
   *
   * Pass the options that `login` will get: whether somebody listens to prompts is a part of it.
   *
   * @throws AuthError `aborted`
   * @example
   * ```ts
   * import { createClient, terminalPrompts } from '@lanonasis/auth-client/node'
   *
   * const client = createClient()
   * const { chosen, flows } = await client.explainLogin({ onPrompt: terminalPrompts() })
   * console.log(chosen ?? flows.map(({ name, reason }) => `${name}: ${reason}`).join('\n'))
   * ```
   */
  async explainLogin(options: LoginOptions = {}): Promise<LoginExplanation> {
    const { explainSignIn } = await loadPart(import('./signing.ts'))
    return explainSignIn(coreOf(this), options)
  }

  /**
   * Finishes a sign-in that left the page (`redirectFlow` of `./browser`), when the server has sent the
   * person back. Call it where the page starts; without anything to finish it does nothing. An answer is
   * used once, however often this is called.
   *
   * @param url the address that the person came back to, where it is not that of the page any more
   * @returns the session; `undefined`: there was nothing to finish
   * @throws AuthError why the sign-in failed: `access_denied`, `login_timeout` (it took longer than ten
   * minutes), `login_required` (the answer was used before, or interrupted), `state_mismatch` (`url`
   * belongs to no sign-in of this tab), `issuer_mismatch`, `network_error`, …
   */
  async completeLogin(url?: string | URL): Promise<Session | undefined> {
    const { completeLogin } = await loadPart(import('./signing.ts'))
    return completeLogin(coreOf(this), url)
  }

  /**
   * Signs out: everything is forgotten here in any case, and the server is told to revoke the tokens.
   *
   * @returns whether the server confirmed, and why not
   * @throws AuthError `store_unavailable` when the local state cannot be changed
   * @see RFC 7009
   */
  async logout(options: LogoutOptions = {}): Promise<LogoutResult> {
    const { signOut } = await loadPart(import('./signing.ts'))
    const core = coreOf(this)
    await core.completion?.settled()
    return signOut(core, options)
  }

  /**
   * What is known of the session; reads the store the first time. No request.
   *
   * @throws AuthError `store_unavailable`, `store_corrupt`: it is not known whether somebody is signed in
   */
  async getSession(): Promise<Session> {
    const core = coreOf(this)
    await core.completion?.settled()
    return core.load()
  }

  /**
   * An access token that can be used now. It is renewed when it is about to end, once for all callers,
   * and never opens a browser.
   *
   * @throws AuthError `login_required`, `session_expired`, `refresh_failed` (retryable), `store_unavailable`, `aborted`
   */
  getAccessToken(options: AccessTokenOptions = {}): Promise<string> {
    // Not `async`, whose frame would be most of what a waiting caller costs.
    const { keeper, completion } = coreOf(this)
    const tokens = completion
      ? raceSignal(completion.settled(), options.signal).then(() => keeper.tokens(options))
      : keeper.tokens(options)
    return tokens.then(accessTokenOf)
  }

  /**
   * Renews the access token now, although it may be good still. A renewal by another process counts.
   *
   * @throws AuthError `login_required`, `session_expired`, `refresh_failed`, …
   * @see RFC 6749 §6
   */
  async refresh(options: { signal?: AbortSignal | undefined } = {}): Promise<Session> {
    const core = coreOf(this)
    const { signal } = options
    if (core.completion) await raceSignal(core.completion.settled(), signal)
    await core.keeper.refresh(options)
    return raceSignal(core.load(), signal)
  }

  /**
   * Asks the server about a token; without one, about the access token that is held, as it is.
   *
   * @throws AuthError `login_required`, `rate_limited`, `aborted`, transport errors
   * @see RFC 7662
   */
  async introspect(
    token?: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Introspection> {
    const core = coreOf(this)
    const { oauth, context } = await core.oauth(signal)
    return oauth.introspectToken(
      context,
      token === undefined ? await held(core, signal) : new Secret(token),
    )
  }

  /**
   * A fetch with the right credential: exactly one, and only to the services it is for.
   *
   * Every HTTP answer is returned, whatever its status. Redirects are followed within the origin only,
   * and only without a body.
   *
   * @throws AuthError `origin_not_allowed`, `login_required`, `session_expired`, `network_error`, `timeout`, `aborted`
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    return coreOf(this).fetchAs('fetch')(input, init)
  }

  /**
   * Where credentials are kept here: in which place, for how long, encrypted or not, and shared with whom. Nothing in
   * it is secret. For `status` commands and settings pages; some stores know more after the first read.
   */
  describeStore(): StoreDescription {
    return coreOf(this).settings.store.describe()
  }

  /** Calls `listener` for each event of a kind. Returns how to stop. */
  on<Name extends keyof ClientEvents>(name: Name, listener: ClientEventListener<Name>): () => void {
    return coreOf(this).events.on(name, listener)
  }

  /** Calls `listener` whenever {@link AuthClient.getSnapshot} changes, and starts reading the session. For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const stop = coreOf(this).events.on('session', listener)
    // A failure is in the snapshot, as `degraded`.
    this.getSession().catch(() => {})
    return stop
  }

  /** The session as last seen: the same object while nothing changes; `loading` before it was read. */
  readonly getSnapshot = (): Session => coreOf(this).session

  /** The snapshot on a server that renders a page: always `loading`. */
  readonly getServerSnapshot = (): Session => loadingSession

  /** Stops listening and renewing ahead of time, and ends a sign-in under way. Requests come to their own end; the session stays stored. */
  async close(): Promise<void> {
    coreOf(this).close()
  }

  /**
   * Signs out and removes everything that was written for this profile: credentials, and the lock,
   * temporary and index files, databases and keys that nobody needs then. Other profiles stay. The client
   * is closed.
   *
   * A list of stores forgets which of them was chosen.
   *
   * @throws AuthError `store_unavailable` when something cannot be removed: then call it again later;
   * `store_corrupt` when something could not be understood: it was set aside, because it may be of others
   */
  async destroy(): Promise<void> {
    const { destroyAccount } = await loadPart(import('./signing.ts'))
    const core = coreOf(this)
    await core.completion?.settled()
    await destroyAccount(core)
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Shows what may be seen: no credential is reachable from this object. */
  toJSON(): Record<string, unknown> {
    const { server, key } = coreOf(this).settings
    return { clientId: this.clientId, issuer: server.issuer, profile: key.profile }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): Record<string, unknown> {
    return { AuthClient: this.toJSON() }
  }
}

function accessTokenOf({ accessToken }: Tokens): string {
  return accessToken.reveal()
}

async function held(core: ClientCore, signal: AbortSignal | undefined): Promise<Secret> {
  const { session } = await raceSignal(core.keeper.account(), signal)
  if (session.status === 'signed-in') return session.tokens.accessToken
  throw new AuthError('login_required', 'Nobody is signed in, so there is no token to ask about.')
}
