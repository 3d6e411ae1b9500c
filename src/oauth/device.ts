import * as oauth from 'oauth4webapi'
import * as z from 'zod/mini'
import { isSecureUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import { errorFromResponse } from '../http/response-error.ts'
import { parseFields } from '../json/fields.ts'
import { Secret } from '../secret/secret.ts'
import { hostOf, httpOptions, type OAuthContext } from './server.ts'
import { seconds } from './tokens.ts'

/** A device authorization under way: what the person gets, and what only we know. */
export interface DeviceTransaction {
  readonly deviceCode: Secret
  /** Printable; a person types it. */
  readonly userCode: string
  /** The page to enter the code on. */
  readonly url: string
  /** The same page with the code in its address, where the server has one. */
  readonly urlComplete?: string | undefined
  /** When the codes end, epoch ms. */
  readonly expiresAt: number
  /** How long to wait between two polls, ms. */
  readonly intervalMs: number
  readonly scope: string
}

/** The longest life of a code that is believed; nobody waits longer for a person. */
const longestLifeSeconds = 1_800
const defaultIntervalSeconds = 5
const longestIntervalSeconds = 300

/** RFC 8628 §3.2; the interval is the one field that has a default. */
const deviceResponse = z.object({
  device_code: z.string().check(z.minLength(1)),
  // It is shown on a terminal, where a control character is a command.
  user_code: z.string().check(z.regex(/^[\x20-\x7e]{1,64}$/)),
  verification_uri: z.string(),
  verification_uri_complete: z.catch(z.optional(z.string()), undefined),
  expires_in: seconds,
  interval: z.catch(z.optional(seconds), undefined),
})

/** Whether the server has a device endpoint. */
export function offersDevice({ server }: Pick<OAuthContext, 'server'>): boolean {
  return server.metadata.device_authorization_endpoint !== undefined
}

/**
 * Asks for the two codes of a device.
 *
 * @throws AuthError `config_invalid` (no such endpoint, or not for this client), `insufficient_scope`,
 * `invalid_response`, transport errors
 * @see RFC 8628 §3.1–3.2
 */
export async function startDevice(
  { server, clientId, transport, now }: OAuthContext,
  { scope, timeoutMs }: { scope: string; timeoutMs?: number | undefined },
): Promise<DeviceTransaction> {
  const host = hostOf(server.issuer)
  const endpoint = server.metadata.device_authorization_endpoint
  if (endpoint === undefined) {
    throw new AuthError('config_invalid', `${host} has no device sign-in.`, {
      hint: 'Sign in with a browser on this machine, or paste the address it ends on.',
    })
  }
  const sentAt = now()
  const response = await oauth.deviceAuthorizationRequest(
    server.metadata,
    { client_id: clientId },
    oauth.None(),
    scope === '' ? {} : { scope },
    httpOptions(endpoint, transport, server.tokenRequestFormat),
  )
  if (!response.ok) {
    throw await errorFromResponse(response, { service: host, credential: 'none', now: now() })
  }
  const parsed = z.safeParse(deviceResponse, parseFields(await response.text()))
  const url = parsed.success ? pageUrl(parsed.data.verification_uri) : undefined
  if (!parsed.success || url === undefined) {
    throw new AuthError('invalid_response', `The device answer of ${host} is not valid.`)
  }
  const answer = parsed.data
  const interval = Math.min(answer.interval ?? defaultIntervalSeconds, longestIntervalSeconds)
  const lifeMs = Math.min(answer.expires_in, longestLifeSeconds) * 1_000
  return {
    deviceCode: new Secret(answer.device_code),
    userCode: answer.user_code,
    url,
    urlComplete: pageUrl(answer.verification_uri_complete),
    expiresAt: sentAt + Math.min(lifeMs, timeoutMs ?? lifeMs),
    intervalMs: Math.max(interval, 1) * 1_000,
    scope,
  }
}

/** Written anew by `URL`, so that nothing in it is a command for a terminal or an opener. */
function pageUrl(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isPage = /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  return isPage && isSecureUrl(url) ? url.href : undefined
}
