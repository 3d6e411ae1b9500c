import { raceSignal } from '../async/abort.ts'
import { once } from '../async/once.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { loadPart } from '../errors/load-part.ts'
import type { KeyVerdict } from '../gateway/identity.ts'
import type { RequestEvent } from '../http/request-event.ts'
import { requestIdOf } from '../http/request-id.ts'
import type { Fetch, TransportOptions } from '../http/transport.ts'
import type { OAuthContext, Server } from '../oauth/oauth.ts'
import { type Account, emptyAccount, type HeldApiKey, type Tokens } from '../session/account.ts'
import type { AutoRefresh } from '../session/auto-refresh.ts'
import type { RenewalOutcome } from '../session/outcome.ts'
import { loadingSession, type Session, toSession } from '../session/session.ts'
import { type KeeperEvent, SessionKeeper } from '../session/session-keeper.ts'
import { nameOf } from '../store/store.ts'
import { type Completion, collect, completionOf } from './completion.ts'
import { Emitter } from './events.ts'
import { assertGateway, mayGoToGateway } from './gateway-access.ts'
import type { KeyKeeper } from './refusals.ts'
import type { ClientRequests } from './requests.ts'
import type { Settings } from './settings.ts'

type OAuth = typeof import('../oauth/oauth.ts')

/** Longer than one holder needs (a renewal, and looking for a successor), and than a stalled one is waited for. */
const lockTimeoutMs = 40_000

const lockedTimeoutMs = 14_000

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** The parts of one client, put together. `AuthClient` and `LanonasisClient` are its public faces. */
export class ClientCore {
  readonly settings: Settings
  readonly events = new Emitter()
  readonly keeper: SessionKeeper
  /** Deals with an API key that is no good any more; set by the client that manages keys. */
  keys: KeyKeeper | undefined
  /** A sign-in that has come back with this page; whatever needs the session waits for its end. */
  completion: Completion | undefined
  readonly #closing = new AbortController()
  readonly #stopListening: (() => void) | undefined
  #session: Session = loadingSession
  #server: Promise<Server> | undefined
  #autoRefresh: AutoRefresh | undefined
  /** Requests of a renewal under way, to be told of when the lock is released. */
  readonly #held: RequestEvent[] = []

  constructor(settings: Settings) {
    this.settings = settings
    // Before anything else runs: a code must not stay in the address.
    this.collect()
    const { key, store, lock, now } = settings
    this.keeper = new SessionKeeper({
      key,
      store,
      lock,
      now,
      random: Math.random,
      wait,
      lockTimeoutMs,
      prepare: () => this.#prepareRenewal(),
      discard: (tokens) => this.discard(tokens),
      onEvent: (event) => this.#report(event),
    })
    this.#stopListening = store.onFallback?.(({ code, instead }) =>
      this.events.emit('store', { operation: 'open', code, instead }),
    )
    // Without its code, sessions are renewed when a token is needed.
    if (settings.autoRefresh) this.#startAutoRefresh().catch(() => {})
  }

  /** The last known session, without I/O. */
  get session(): Session {
    return this.#session
  }

  /** Fires when the client is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /**
   * Takes the answer to a sign-in out of the address of the page, or out of `url`.
   * @returns whether there is one
   */
  collect(url?: URL): boolean {
    const { flows, key } = this.settings
    const returned = collect(flows, nameOf(key), url)
    if (returned !== undefined && returned.id !== this.completion?.id) {
      this.completion = completionOf(this, returned)
    }
    return returned !== undefined
  }

  /**
   * Reads the store, because another process may have changed it.
   * @throws AuthError `store_unavailable`, `store_corrupt`
   */
  async load(): Promise<Session> {
    try {
      await this.keeper.reload()
    } catch (error) {
      if (isAuthError(error)) this.#reportStore(error)
      throw error
    }
    this.#update(this.keeper.known)
    return this.#session
  }

  /** What sends requests to the services; loaded on first use. */
  requests(): Promise<ClientRequests> {
    const { completion } = this
    return completion ? completion.settled().then(this.#requests) : this.#requests()
  }

  readonly #requests = once(async () => {
    const { createRequests } = await loadPart(import('./requests.ts'))
    return createRequests(this)
  })

  /** What speaks the protocol, and what it needs; loaded on first use. */
  async oauth(signal?: AbortSignal): Promise<{ oauth: OAuth; context: OAuthContext }> {
    const { server: config, clientId, now } = this.settings
    const oauth = await loadPart(import('../oauth/oauth.ts'))
    if (this.#server === undefined) {
      this.#server = config.discover
        ? oauth.discoverServer(config, this.transport(), now)
        : Promise.resolve(oauth.gatewayServer(config))
      this.#server.catch(() => {
        // Not remembered: the server may be found the next time.
        this.#server = undefined
      })
    }
    const server = await raceSignal(this.#server, signal)
    return { oauth, context: { server, clientId, now, transport: this.transport(signal) } }
  }

  /**
   * Finds the server before the lock is waited for: under it, nothing comes between the last look at the
   * lease and the request. Nobody is told of that request before the lock is released.
   */
  async #prepareRenewal(): Promise<(tokens: Tokens) => Promise<RenewalOutcome>> {
    const { oauth, context } = await this.oauth()
    return async (tokens) => {
      try {
        assertGateway(this.settings, tokens.origins)
      } catch (error) {
        // The server may not be asked: nothing was sent.
        if (!isAuthError(error)) throw error
        return { type: 'unavailable', error }
      }
      return oauth.renewTokens({ ...context, transport: this.#lockedTransport() }, tokens)
    }
  }

  /** Gives tokens up at the server as well as it can; it may run under the lock. */
  async discard(tokens: Tokens): Promise<void> {
    if (!mayGoToGateway(this.settings, tokens.origins)) return
    try {
      const found = await this.oauth()
      const { oauth } = found
      const context = { ...found.context, transport: this.#lockedTransport() }
      await oauth.revokeTokens(context, tokens)
    } catch (error) {
      // They are forgotten here and end by themselves there.
      if (!isAuthError(error)) throw error
    } finally {
      if (!this.keeper.isUnderLock) this.#tellHeld()
    }
  }

  /** What the gateway says of an API key, with the same limits as every request. */
  async judgeKey(
    { secret, origins }: Pick<HeldApiKey, 'secret' | 'origins'>,
    signal?: AbortSignal,
  ): Promise<KeyVerdict> {
    const { server, browser } = this.settings
    // ★8 The gateway's CORS list has no X-API-Key.
    if (browser || server.discover || !mayGoToGateway(this.settings, origins)) return 'unknown'
    const { judgeApiKey } = await import('../gateway/identity.ts')
    return judgeApiKey(server.issuer, secret, this.transport(signal))
  }

  close(): void {
    this.#closing.abort(new AuthError('aborted', 'The client was closed.'))
    this.#autoRefresh?.stop()
    this.keeper.close()
    this.#stopListening?.()
    this.events.clear()
  }

  /** For requests that carry no credential of the policy: each is reported, and limited in time. */
  transport(
    signal?: AbortSignal,
    report = (event: RequestEvent) => this.events.emit('request', event),
  ): TransportOptions {
    const { fetch, timeoutMs, now } = this.settings
    const observed: Fetch = async (input, init) => {
      const startedAt = now()
      let response: Response | undefined
      try {
        response = await fetch(input, init)
        return response
      } finally {
        report({
          service: 'authGateway',
          method: init?.method ?? 'GET',
          route: new URL(String(input)).pathname,
          status: response?.status,
          requestId: response && requestIdOf(response),
          attempt: 1,
          durationMs: now() - startedAt,
        })
      }
    }
    return { fetch: observed, timeoutMs, signal }
  }

  /** Inside the lock each step has a limit below half the age at which a holder counts as stalled. */
  #lockedTransport(): TransportOptions {
    const transport = this.transport(undefined, (event) => this.#held.push(event))
    return { ...transport, timeoutMs: Math.min(transport.timeoutMs, lockedTimeoutMs) }
  }

  async #startAutoRefresh(): Promise<void> {
    const { keeper } = this
    const { autoRefresh } = await loadPart(import('../session/auto-refresh.ts'))
    if (this.closing.aborted) return
    this.#autoRefresh = autoRefresh({
      dueAt: () => keeper.renewalDueAt(),
      renew: () => keeper.tokens(),
      now: this.settings.now,
      random: Math.random,
    })
    // A store that cannot be read now is reported, and read again by the next call.
    await this.completion?.settled()
    await this.load().catch(() => {})
  }

  #report(event: KeeperEvent): void {
    const { session } = this.keeper.known ?? emptyAccount
    switch (event.type) {
      case 'released':
        this.#tellHeld()
        break
      case 'changed':
        this.#update(this.keeper.known)
        this.#autoRefresh?.reconsider()
        break
      case 'renewed': {
        const expiresAt = session.status === 'signed-in' ? session.tokens.expiresAt : undefined
        this.events.emit('refresh', { expiresAt })
        break
      }
      case 'degraded': {
        const { code, retryAfterMs } = event.error
        this.events.emit('degraded', { code, retryAfterMs })
        break
      }
      case 'unsaved':
        this.events.emit('store', { code: event.error.code, operation: 'write' })
        break
    }
  }

  #tellHeld(): void {
    for (const request of this.#held.splice(0)) this.events.emit('request', request)
  }

  #reportStore({ code }: AuthError): void {
    this.events.emit('store', { code, operation: 'read' })
    // What could not be read is not gone: the last that was seen stands.
    this.#set(Object.freeze({ ...this.#session, degraded: { code, since: this.settings.now() } }))
  }

  #update(account: Account | undefined): void {
    if (account === undefined) return
    const { apiKey, now } = this.settings
    const { degraded } = this.keeper
    this.#set(
      toSession(account, {
        apiKey: apiKey?.reveal(),
        degraded: degraded && { code: degraded.error.code, since: degraded.since },
        now: now(),
      }),
    )
  }

  /** Keeps the identity of the snapshot while it says the same: React compares by identity. */
  #set(session: Session): void {
    if (JSON.stringify(session) === JSON.stringify(this.#session)) return
    this.#session = session
    this.events.emit('session', session)
  }
}
