import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { credentialedFetch } from '../http/credentialed-fetch.ts'
import type { Fetch, TransportOptions } from '../http/transport.ts'
import { memoryLock } from '../lock/memory-lock.ts'
import type { OAuthContext, Server } from '../oauth/oauth.ts'
import { type Account, emptyAccount, type Tokens } from '../session/account.ts'
import { loadingSession, type Session, toSession } from '../session/session.ts'
import { type KeeperEvent, SessionKeeper } from '../session/session-keeper.ts'
import { chooseCredential } from './credentials.ts'
import { Emitter } from './events.ts'
import type { Settings } from './settings.ts'

type OAuth = typeof import('../oauth/oauth.ts')

const lockTimeoutMs = 30_000

/** The parts of one client, put together. `AuthClient` and `LanonasisClient` are its public faces. */
export class ClientCore {
  readonly settings: Settings
  readonly events = new Emitter()
  readonly keeper: SessionKeeper
  readonly fetch: Fetch
  /** One sign-in at a time. */
  readonly loginLock = memoryLock()
  readonly #closing = new AbortController()
  #session: Session = loadingSession
  #server: Promise<Server> | undefined

  constructor(settings: Settings) {
    this.settings = settings
    const { key, store, lock, now, fetch, policy, browser, timeoutMs } = settings
    this.keeper = new SessionKeeper({
      key,
      store,
      lock,
      now,
      random: Math.random,
      lockTimeoutMs,
      renew: async (tokens) => {
        const { oauth, context } = await this.oauth()
        return oauth.renewTokens(context, tokens)
      },
      discard: (tokens) => this.discard(tokens),
      onEvent: (event) => this.#report(event),
    })
    this.fetch = credentialedFetch({
      fetch,
      policy,
      browser,
      timeoutMs,
      now,
      credential: (decision, request) => chooseCredential(this, decision, request),
      onRequest: (event) => this.events.emit('request', event),
    })
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

  /** What speaks the protocol, and what it needs; loaded on first use. */
  async oauth(signal?: AbortSignal): Promise<{ oauth: OAuth; context: OAuthContext }> {
    const { server: config, clientId, now } = this.settings
    const oauth = await import('../oauth/oauth.ts')
    this.#server ??= config.discover
      ? oauth.discoverServer(config, this.#transport(), now)
      : Promise.resolve(oauth.gatewayServer(config))
    try {
      const server = await this.#server
      return { oauth, context: { server, clientId, now, transport: this.#transport(signal) } }
    } catch (error) {
      // Not remembered: the server may be found the next time.
      this.#server = undefined
      throw error
    }
  }

  /** Gives tokens up at the server as well as it can; whether it worked. */
  async discard(tokens: Tokens): Promise<void> {
    try {
      const { oauth, context } = await this.oauth()
      await oauth.revokeTokens(context, tokens)
    } catch (error) {
      // They are forgotten here and end by themselves there.
      if (!isAuthError(error)) throw error
    }
  }

  close(): void {
    this.#closing.abort(new AuthError('aborted', 'The client was closed.'))
    this.keeper.close()
    this.events.clear()
  }

  #transport(signal?: AbortSignal): TransportOptions {
    const { fetch, timeoutMs, now } = this.settings
    const observed: Fetch = async (input, init) => {
      const startedAt = now()
      let response: Response | undefined
      try {
        response = await fetch(input, init)
        return response
      } finally {
        this.events.emit('request', {
          service: 'authGateway',
          method: init?.method ?? 'GET',
          route: new URL(String(input)).pathname,
          status: response?.status,
          requestId: response?.headers.get('x-request-id') ?? undefined,
          attempt: 1,
          durationMs: now() - startedAt,
        })
      }
    }
    return { fetch: observed, timeoutMs, signal }
  }

  #report(event: KeeperEvent): void {
    const { session } = this.keeper.known ?? emptyAccount
    switch (event.type) {
      case 'changed':
        this.#update(this.keeper.known)
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

  #reportStore({ code }: AuthError): void {
    this.events.emit('store', { code, operation: 'read' })
    this.#set({
      status: 'signed-out',
      legacy: false,
      degraded: { code, since: this.settings.now() },
    })
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
