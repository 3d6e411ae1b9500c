import { abortedError, raceSignal, startDeadline, throwIfAborted } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import { describeCause, innermostCode } from '../errors/cause.ts'

/** The part of the Fetch API that is used, so that any implementation can be passed in. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** How long one request may take, and whose request it is. */
export interface TransportOptions {
  readonly fetch: Fetch
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** More than any answer of an authorization server; a stream without end stops here. */
const maximalBytes = 1_048_576

/**
 * Sends one request and reads its whole answer, both within the time limit. Redirects are not followed.
 *
 * @throws AuthError `network_error`, `timeout`, `aborted`, `invalid_response`
 */
export async function fetchWhole(
  url: string | URL,
  init: RequestInit,
  { fetch, timeoutMs, signal }: TransportOptions,
): Promise<Response> {
  throwIfAborted(signal)
  const deadline = startDeadline(timeoutMs, signal)
  const { origin, pathname } = new URL(url)
  const where = `${origin}${pathname}`
  try {
    const outgoing = { redirect: 'manual', ...init, signal: deadline.signal } as const
    // Not every fetch that is passed in goes by its signal.
    const response = await raceSignal(fetch(String(url), outgoing), deadline.signal)
    if (response.type === 'opaqueredirect') {
      throw new AuthError('invalid_response', `${where} answered with a redirect.`)
    }
    const body = await readText(response, { where, signal: deadline.signal, maximalBytes })
    const { status, statusText, headers } = response
    return new Response(bodyless(status) ? null : body, { status, statusText, headers })
  } catch (error) {
    if (deadline.timedOut()) {
      throw new AuthError('timeout', `${where} did not answer within ${timeoutMs} ms.`)
    }
    if (signal?.aborted) throw abortedError(signal)
    if (error instanceof AuthError) throw error
    throw networkError(error, where)
  } finally {
    deadline.dispose()
  }
}

/** The error for a request that got no answer; the system's own code is in the message. */
export function networkError(error: unknown, where: string): AuthError {
  const code = innermostCode(describeCause(error))
  const detail = code === undefined ? '' : ` (${code})`
  const hint = code === undefined ? undefined : hintFor(code)
  return new AuthError('network_error', `No connection to ${where}${detail}.`, {
    cause: error,
    hint,
    // A certificate does not become trusted by waiting.
    retryable: hint === undefined,
  })
}

/** OpenSSL's verdicts on a certificate, as Node.js reports them. */
const certificateCodes =
  /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|HOSTNAME_MISMATCH)/

/** Whether a connection failed for the certificate that the other side showed. */
export function isCertificateCode(code: string): boolean {
  return certificateCodes.test(code)
}

function hintFor(code: string): string | undefined {
  return isCertificateCode(code)
    ? 'The certificate is not trusted here. Behind a company proxy, name its root certificate in NODE_EXTRA_CA_CERTS.'
    : undefined
}

/** There is no network at all; trying again at once is of no use. */
export function isOffline(error: AuthError): boolean {
  return (
    error.code === 'network_error' && offline.has(innermostCode(describeCause(error.cause)) ?? '')
  )
}

const offline = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN'])

/** Errors of the time before a byte of the request went out. */
const beforeSending = new Set([
  'ECONNREFUSED',
  // Bun's name for it.
  'ConnectionRefused',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether the server may have acted on a request that failed this way: then it must not be taken as not sent. */
export function mayHaveActed(error: AuthError): boolean {
  if (error.code !== 'network_error') return error.code === 'timeout' || error.code === 'aborted'
  const code = innermostCode(describeCause(error.cause)) ?? ''
  return !beforeSending.has(code) && !isCertificateCode(code)
}

/** Statuses whose answers have no body, and may not be given one. */
export function bodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

/**
 * Reads a body as text, as long as it has a reasonable size.
 * @throws AuthError `invalid_response`
 */
export async function readText(
  response: Response,
  limits: { readonly where: string; readonly signal: AbortSignal; readonly maximalBytes: number },
): Promise<string> {
  const { where, signal, maximalBytes } = limits
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ''
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await raceSignal(reader.read(), signal)
      if (done) return text + decoder.decode()
      bytes += value.byteLength
      if (bytes > maximalBytes) {
        throw new AuthError('invalid_response', `The answer of ${where} is too large.`)
      }
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    // What is left of it is of no use, and neither is knowing that it cannot be stopped.
    reader.cancel().catch(() => {})
    throw error
  }
}
