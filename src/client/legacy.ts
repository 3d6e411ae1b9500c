import { singleFlight } from '../async/single-flight.ts'
import { AuthError } from '../errors/auth-error.ts'
import { withTokens } from '../session/account.ts'
import type { Session } from '../session/session.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'
import { assertGateway } from './gateway-access.ts'

const lockTimeoutMs = 30_000

/** Offers the stored legacy token for an OAuth session, until the gateway says that it has no bridge. */
export class LegacyBridge {
  readonly #core: ClientCore
  #deployed = true

  constructor(core: ClientCore) {
    this.#core = core
  }

  /** @returns the session, or `undefined` when there was nothing to exchange, or the gateway does not exchange it */
  readonly exchange = singleFlight(async (): Promise<Session | undefined> => {
    const core = this.#core
    const { lock, key } = core.settings
    if (!this.#deployed) return undefined
    const exchanged = await lock.withLock(
      `${nameOf(key)}#legacy`,
      { timeoutMs: lockTimeoutMs },
      () => this.#exchangeOnce(),
    )
    return exchanged ? core.load() : undefined
  })

  async #exchangeOnce(): Promise<boolean> {
    const { keeper, settings } = this.#core
    const { legacyToken, legacyOrigins, session } = await keeper.readAnew()
    // A session is worth more than what it would be exchanged for.
    if (legacyToken === undefined || session.status === 'signed-in') return false
    if (settings.server.discover) {
      throw new AuthError('config_invalid', 'Only the Lanonasis gateway exchanges legacy tokens.')
    }
    assertGateway(settings, legacyOrigins)
    const { exchangeLegacyToken } = await import('../gateway/legacy.ts')
    const { keepOrDiscard, signInOf } = await import('./signing.ts')
    const outcome = await exchangeLegacyToken(
      { gateway: settings.server.issuer, clientId: settings.clientId },
      legacyToken,
      { transport: (await this.#core.serverAccess()).transport(), now: settings.now },
    )
    switch (outcome.type) {
      case 'not-deployed':
        this.#deployed = false
        return false
      case 'refused':
        await keeper.update((account) =>
          account.legacyToken?.equals(legacyToken)
            ? { ...account, legacyToken: undefined }
            : undefined,
        )
        return false
      case 'exchanged': {
        const tokens = signInOf(this.#core, outcome.tokens)
        return keepOrDiscard(this.#core, tokens, (current) =>
          // A sign-out or a sign-in that happened meanwhile stands.
          current.legacyToken?.equals(legacyToken) && current.session.status !== 'signed-in'
            ? { ...withTokens(current, tokens), legacyToken: undefined }
            : undefined,
        )
      }
    }
  }
}
