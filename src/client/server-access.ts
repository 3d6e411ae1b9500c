import { raceSignal } from '../async/abort.ts'
import { isAuthError } from '../errors/auth-error.ts'
import { judgeApiKey, type KeyVerdict } from '../gateway/identity.ts'
import type { RequestEvent } from '../http/request-event.ts'
import { requestIdOf } from '../http/request-id.ts'
import type { Fetch, TransportOptions } from '../http/transport.ts'
import type { OAuthContext, Server } from '../oauth/oauth.ts'
import * as oauth from '../oauth/oauth.ts'
import type { HeldApiKey, Tokens } from '../session/account.ts'
import type { RenewalOutcome } from '../session/outcome.ts'
import type { ClientCore } from './core.ts'
import { assertGateway, mayGoToGateway } from './gateway-access.ts'

/** What speaks the protocol, and what it needs. */
export interface Protocol {
  readonly oauth: typeof oauth
  readonly context: OAuthContext
}

const lockedTimeoutMs = 14_000

/** The way of one client to its authorization server, loaded with the first request that goes there. */
export class ServerAccess {
  readonly #core: ClientCore
  #server: Promise<Server> | undefined

  constructor(core: ClientCore) {
    this.#core = core
  }

  /** @throws AuthError what finding the server fails with */
  async protocol(signal?: AbortSignal): Promise<Protocol> {
    const { server: config, clientId, now } = this.#core.settings
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
  async prepareRenewal(): Promise<(tokens: Tokens) => Promise<RenewalOutcome>> {
    const { context } = await this.protocol()
    return async (tokens) => {
      try {
        assertGateway(this.#core.settings, tokens.origins)
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
    if (!mayGoToGateway(this.#core.settings, tokens.origins)) return
    try {
      const { context } = await this.protocol()
      await oauth.revokeTokens({ ...context, transport: this.#lockedTransport() }, tokens)
    } catch (error) {
      // They are forgotten here and end by themselves there.
      if (!isAuthError(error)) throw error
    } finally {
      if (!this.#core.keeper.isUnderLock) this.#core.tellHeld()
    }
  }

  /** What the gateway says of an API key, with the same limits as every request. */
  async judgeKey(
    { secret, origins }: Pick<HeldApiKey, 'secret' | 'origins'>,
    signal?: AbortSignal,
  ): Promise<KeyVerdict> {
    const { settings } = this.#core
    const { server, browser } = settings
    // ★8 The gateway's CORS list has no X-API-Key.
    if (browser || server.discover || !mayGoToGateway(settings, origins)) return 'unasked'
    return judgeApiKey(server.issuer, secret, this.transport(signal))
  }

  /** For requests that carry no credential of the policy: each is reported, and limited in time. */
  transport(
    signal?: AbortSignal,
    report = (event: RequestEvent) => this.#core.events.emit('request', event),
  ): TransportOptions {
    const { fetch, timeoutMs, now } = this.#core.settings
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
    const transport = this.transport(undefined, (event) => this.#core.held.push(event))
    return { ...transport, timeoutMs: Math.min(transport.timeoutMs, lockedTimeoutMs) }
  }
}
