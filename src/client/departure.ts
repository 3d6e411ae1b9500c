import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Fetch } from '../http/transport.ts'
import type { Departure } from '../login/flow.ts'
import { Secret } from '../secret/secret.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'

/** What a sign-in asks for, and what becomes of it when the person leaves. */
export interface Leaving {
  readonly scope: string
  readonly signal: AbortSignal
  readonly leave: () => void
  /** For the next life of the page, as JSON. */
  readonly afterwards: unknown
}

/** The protocol for flows that leave the page, and come back to another life of it. */
export function departureOf(
  core: ClientCore,
  { scope, signal, leave, afterwards }: Leaving,
): Departure {
  return {
    account: nameOf(core.settings.key),
    leave,

    async start({ redirectUri }) {
      const { oauth, context } = await core.oauth(signal)
      const transaction = await oauth.startAuthorization(context, { redirectUri, scope })
      const { url, verifier, ...rest } = transaction
      const suspended = { ...rest, verifier: verifier.reveal(), afterwards }
      // Authorization endpoints answer no page (RFC 9700 §4.18.2); the gateway's does, and has to be asked.
      if (context.server.discover) return { url, suspended }
      const { transport } = context
      const asked = { ...transport, fetch: seeingRedirects(transport.fetch) }
      try {
        return {
          url: await oauth.preflight({ ...context, transport: asked }, transaction),
          suspended,
        }
      } catch (error) {
        throw isAuthError(error, 'network_error') ? unreachable(error) : error
      }
    },

    async finish({ verifier, afterwards: _, ...rest }, callback) {
      const { oauth, context } = await core.oauth(signal)
      const transaction = { ...rest, verifier: new Secret(verifier) }
      return oauth.finishAuthorization(context, transaction, callback)
    },
  }
}

/**
 * Asks as the browser will when it goes there, with the person's cookies: whoever is signed in is not
 * sent to the sign-in page again. A page sees that there is a redirect, and not where to.
 */
function seeingRedirects(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, credentials: 'include' })
    return response.type === 'opaqueredirect' ? new Response(null, { status: 302 }) : response
  }
}

/** A browser tells a page nothing of why: no network, its own policy, or a server that does not want it. */
function unreachable(error: AuthError): AuthError {
  return new AuthError('network_error', error.message, {
    cause: error.cause,
    hint: 'Check the network; this page needs the gateway in connect-src of its Content-Security-Policy, and its origin on the list of the gateway.',
  })
}
