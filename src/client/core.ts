import { raceSignal } from '../async/abort.ts'
import { once } from '../async/once.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { loadPart } from '../errors/load-part.ts'
import type { RequestEvent } from '../http/request-event.ts'
import type { Fetch } from '../http/transport.ts'
import { type Account, emptyAccount } from '../session/account.ts'
import type { AutoRefresh } from '../session/auto-refresh.ts'
import type { KeeperEvent } from '../session/keeper-types.ts'
import { loadingSession, type Session, toSession } from '../session/session.ts'
import { SessionKeeper } from '../session/session-keeper.ts'
import { nameOf } from '../store/store.ts'
import { type Completion, collect, completionOf } from './completion.ts'
import { Emitter } from './events.ts'
import type { KeyKeeper } from './refusals.ts'
import type { ClientRequests } from './requests.ts'
import type { Protocol, ServerAccess } from './server-access.ts'
import type { Settings } from './settings.ts'

/** Longer than one holder needs (a renewal, and looking for a successor), and than a stalled one is waited for. */
const lockTimeoutMs = 40_000

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
  #autoRefresh: AutoRefresh | undefined
  /** Requests of a renewal under way, to be told of when the lock is released. */
  readonly held: RequestEvent[] = []

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
      prepare: async () => (await this.serverAccess()).prepareRenewal(),
      discard: async (tokens) => (await this.serverAccess()).discard(tokens),
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

  /** One of the fetches. Who gives up does not wait for a sign-in that is being completed. */
  fetchAs(kind: 'fetch' | 'restFetch'): Fetch {
    return async (input, init) => {
      const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
      const fetches = await raceSignal(this.requests(), signal)
      return fetches[kind](input, init)
    }
  }

  readonly #requests = once(async () => {
    const { createRequests } = await loadPart(import('./requests.ts'))
    return createRequests(this)
  })

  /** What speaks to the authorization server; loaded on first use. */
  readonly serverAccess: () => Promise<ServerAccess> = once(async () => {
    const { ServerAccess } = await loadPart(import('./server-access.ts'))
    return new ServerAccess(this)
  })

  /** What speaks the protocol, and what it needs. */
  async oauth(signal?: AbortSignal): Promise<Protocol> {
    return (await this.serverAccess()).protocol(signal)
  }

  close(): void {
    this.#closing.abort(new AuthError('aborted', 'The client was closed.'))
    this.#autoRefresh?.stop()
    this.keeper.close()
    this.#stopListening?.()
    this.events.clear()
  }

  async #startAutoRefresh(): Promise<void> {
    const { keeper } = this
    const { autoRefresh } = await loadPart(import('../session/renewing.ts'))
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
        this.tellHeld()
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

  tellHeld(): void {
    for (const request of this.held.splice(0)) this.events.emit('request', request)
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
