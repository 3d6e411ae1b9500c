import { errorFromFailure, readFailure } from '../http/response-error.ts'
import { fetchWhole, type TransportOptions } from '../http/transport.ts'
import { parseFields } from '../json/fields.ts'
import { parseTokens } from '../oauth/tokens.ts'
import type { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'

/** What came of offering a token of the time before OAuth (roadmap §5.2). */
export type ExchangeOutcome =
  | { readonly type: 'exchanged'; readonly tokens: Tokens }
  /** The gateway knows the token and does not take it. */
  | { readonly type: 'refused' }
  /** The bridge is not deployed. */
  | { readonly type: 'not-deployed' }

const refusals = new Set([
  'INVALID_LEGACY_TOKEN',
  'invalid_token',
  'invalid_grant',
  'TOKEN_EXPIRED',
])

/**
 * Offers a legacy token for an OAuth pair. Sent once: the gateway may have made a pair.
 *
 * @throws AuthError when nothing definitive was said: transport errors, `rate_limited`, `service_unavailable`
 */
export async function exchangeLegacyToken(
  { gateway, clientId }: { readonly gateway: string; readonly clientId: string },
  token: Secret,
  { transport, now }: { readonly transport: TransportOptions; readonly now: () => number },
): Promise<ExchangeOutcome> {
  const host = new URL(gateway).host
  const sentAt = now()
  const response = await fetchWhole(
    `${gateway}/legacy/exchange`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ token: token.reveal(), client_id: clientId }),
    },
    transport,
  )
  if (response.ok) {
    const tokens = parseTokens(parseFields(await response.text()), {
      sentAt,
      scope: undefined,
      host,
    })
    return { type: 'exchanged', tokens }
  }
  const failure = await readFailure(response, now())
  if (failure.status === 404) return { type: 'not-deployed' }
  const definitive = failure.status === 400 || failure.status === 401
  if (definitive && failure.code !== undefined && refusals.has(failure.code)) {
    return { type: 'refused' }
  }
  throw errorFromFailure(failure, { service: host, credential: 'none', now: now() })
}
