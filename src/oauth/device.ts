import * as oauth from 'oauth4webapi'
import { isSecureUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import { errorFromResponse } from '../http/response-error.ts'
import { parseFields, stringOf, textOf } from '../json/fields.ts'
import { Secret } from '../secret/secret.ts'
import { hostOf, httpOptions, type OAuthContext } from './server.ts'
import { secondsOf } from './tokens.ts'

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

/** It is shown on a terminal, where a control character is a command. */
const printable = /^[\x20-\x7e]{1,64}$/

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
  const answer = parseFields(await response.text())
  const deviceCode = textOf(answer.device_code)
  const userCode = stringOf(answer.user_code) ?? ''
  const url = pageUrl(answer.verification_uri)
  const life = secondsOf(answer.expires_in)
  // RFC 8628 §3.2: the interval is the one field that has a default.
  const isWhole = deviceCode !== undefined && url !== undefined && life !== undefined
  if (!isWhole || !printable.test(userCode)) {
    throw new AuthError('invalid_response', `The device answer of ${host} is not valid.`)
  }
  const said = secondsOf(answer.interval) ?? defaultIntervalSeconds
  const interval = Math.min(said, longestIntervalSeconds)
  const lifeMs = Math.min(life, longestLifeSeconds) * 1_000
  return {
    deviceCode: new Secret(deviceCode),
    userCode,
    url,
    urlComplete: pageUrl(answer.verification_uri_complete),
    expiresAt: sentAt + Math.min(lifeMs, timeoutMs ?? lifeMs),
    intervalMs: Math.max(interval, 1) * 1_000,
    scope,
  }
}

/** Written anew by `URL`, so that nothing in it is a command for a terminal or an opener. */
function pageUrl(value: unknown): string | undefined {
  const text = stringOf(value)
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isPage = /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  return isPage && isSecureUrl(url) ? url.href : undefined
}
