import * as oauth from 'oauth4webapi'
import { AuthError } from '../errors/auth-error.ts'
import { redact } from '../errors/redact.ts'
import { type Failure, readFailure } from '../http/response-error.ts'
import { parseFields } from '../json/fields.ts'
import { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'
import { carriesState } from './callback.ts'
import { assertSecure, hostOf, httpOptions, type OAuthContext } from './server.ts'
import { pageError, tokenError } from './token-error.ts'
import { parseTokens } from './tokens.ts'

/** A sign-in under way: what the browser gets, and what only we know. */
export interface AuthorizationTransaction {
  /** The address to send the person to. */
  readonly url: string
  readonly state: string
  /** Sent again with the code, letter by letter (★11). */
  readonly redirectUri: string
  readonly scope: string
  readonly verifier: Secret
}

/**
 * Builds an authorization request with PKCE.
 * @see RFC 7636 §4, RFC 6749 §4.1.1, and the roadmap's Appendix B for the parameters
 */
export async function startAuthorization(
  { server, clientId }: Pick<OAuthContext, 'server' | 'clientId'>,
  { redirectUri, scope }: { redirectUri: string; scope: string },
): Promise<AuthorizationTransaction> {
  const endpoint = server.metadata.authorization_endpoint
  assertSecure(endpoint)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(endpoint)
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scope === '' ? {} : { scope }),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return { url: url.href, state, redirectUri, scope, verifier: new Secret(verifier) }
}

/**
 * Checks a callback (state, issuer, doubled parameters, error) and exchanges its code.
 *
 * The request is bound to the transaction: the same redirect URI (★11), its verifier, and never `state` (★12).
 * @throws AuthError `state_mismatch`, `issuer_mismatch`, `access_denied`, `invalid_response`, transport errors
 * @see RFC 6749 §4.1.2–4.1.3, RFC 9207, RFC 7636 §4.5
 */
export async function finishAuthorization(
  context: OAuthContext,
  transaction: Omit<AuthorizationTransaction, 'url'>,
  callback: URL,
): Promise<Tokens> {
  const { server, clientId, transport, now } = context
  const { redirectUri, verifier, scope } = transaction
  const parameters = validateCallback(context, transaction, callback)
  const host = hostOf(server.issuer)
  const endpoint = server.metadata.token_endpoint
  if (endpoint === undefined) {
    throw new AuthError('config_invalid', `${host} has no token endpoint.`)
  }
  const client = { client_id: clientId }
  const sentAt = now()
  const response = await oauth.authorizationCodeGrantRequest(
    server.metadata,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    verifier.reveal(),
    httpOptions(endpoint, transport, server.tokenRequestFormat),
  )
  if (!response.ok) throw await exchangeError(response, host, now())
  try {
    // Of other servers an ID token may come along, which has to be checked. The gateway has none, and is
    // read as generously as for a renewal: the code is used up.
    const answer = server.discover
      ? await oauth.processAuthorizationCodeResponse(server.metadata, client, response)
      : parseFields(await response.text())
    return parseTokens(answer, { sentAt, scope, host })
  } catch (error) {
    const page = pageError(response, { host })
    if (page !== undefined || error instanceof AuthError) throw page ?? error
    throw new AuthError('invalid_response', `The token answer of ${host} is not valid.`, {
      cause: error,
    })
  }
}

async function exchangeError(response: Response, host: string, now: number): Promise<AuthError> {
  const failure = await readFailure(response, now)
  if (failure.code === 'invalid_grant') {
    return new AuthError('login_required', `${host} no longer accepts the code of this sign-in.`, {
      status: failure.status,
      requestId: failure.requestId,
      hint: 'Sign in again; a code can be used once, within a few minutes.',
    })
  }
  return tokenError(response, failure, { host, now })
}

/** Whether each answer of this server has to say who it comes from (RFC 9207 §3). */
export function promisesIssuer({ server }: Pick<OAuthContext, 'server'>): boolean {
  return server.metadata.authorization_response_iss_parameter_supported === true
}

function validateCallback(
  { server, clientId }: OAuthContext,
  { state }: Pick<AuthorizationTransaction, 'state'>,
  callback: URL,
): URLSearchParams {
  if (!carriesState(callback, state)) {
    throw new AuthError('state_mismatch', 'The answer does not carry the state of this sign-in.')
  }
  const { issuer } = server.metadata
  const issuers = callback.searchParams.getAll('iss')
  const issuerMissing = promisesIssuer({ server }) && issuers.length === 0
  if (issuerMissing || issuers.some((said) => said !== issuer)) {
    throw new AuthError('issuer_mismatch', `The answer does not come from ${hostOf(issuer)}.`)
  }
  let parameters: URLSearchParams
  try {
    parameters = oauth.validateAuthResponse(
      server.metadata,
      { client_id: clientId },
      callback,
      state,
    )
  } catch (error) {
    throw callbackError(error, server.issuer)
  }
  // oauth4webapi checks this when it is asked for the exchange, and fails with the whole callback as `cause`.
  const [code = '', ...more] = parameters.getAll('code')
  if (code !== '' && more.length === 0) return parameters
  throw new AuthError(
    'invalid_response',
    `The answer of ${hostOf(issuer)} holds no code, or several.`,
  )
}

function callbackError(error: unknown, issuer: string): AuthError {
  const host = hostOf(issuer)
  if (!(error instanceof oauth.AuthorizationResponseError)) {
    return new AuthError('invalid_response', `The answer of ${host} is not valid.`, {
      cause: error,
    })
  }
  return authorizationError(error.error, host)
}

/** The error for a refusal by its OAuth code (RFC 6749 §4.1.2.1). */
export function authorizationError(
  code: string,
  host: string,
  { status, requestId, description }: Partial<Failure> = {},
): AuthError {
  const known = { status, requestId }
  switch (code) {
    case 'access_denied':
      return new AuthError('access_denied', `The sign-in at ${host} was declined.`, known)
    case 'invalid_scope': {
      // The gateway names what it refuses in the description.
      const named = description === undefined ? '' : `: ${redact(description)}`
      const message = `${host} does not grant the scope asked for${named}.`
      return new AuthError('insufficient_scope', message, {
        ...known,
        hint: 'Ask for less: the default scope is what every registered client may have.',
      })
    }
    case 'temporarily_unavailable':
      return new AuthError('service_unavailable', `${host} cannot sign anybody in now.`, known)
    case 'server_error':
      return new AuthError('server_error', `${host} failed to sign in.`, known)
    default: {
      const said = description === undefined ? '' : `: ${redact(description)}`
      const message = `${host} refused the sign-in (${printable(code)})${said}.`
      return new AuthError('config_invalid', message, {
        ...known,
        hint: 'Check the client id, the redirect URI and the scope with the operator of the gateway.',
      })
    }
  }
}

function printable(code: string): string {
  return /^[\w.-]{1,64}$/.test(code) ? code : 'unknown error'
}
