import { abortedError, startDeadline, throwIfAborted } from '../async/abort.ts'
import { isSecureUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Secret } from '../secret/secret.ts'
import type { CredentialPolicy, PolicyDecision } from './policy.ts'
import { type Fetch, networkError } from './transport.ts'

/** The one credential of a request. */
export interface Credential {
  readonly type: 'bearer' | 'api-key'
  readonly secret: Secret
}

/** One request as it went out, for `on('request')`. Holds no secret, and no query. */
export interface RequestEvent {
  readonly service: string
  readonly method: string
  /** The path of the URL. */
  readonly route: string
  /** `undefined`: no answer came. */
  readonly status?: number | undefined
  /** The service's own id of the request. */
  readonly requestId?: string | undefined
  /** 1 for the first request, more for those that follow redirects. */
  readonly attempt: number
  readonly durationMs: number
}

export interface CredentialedFetchOptions {
  readonly fetch: Fetch
  readonly policy: CredentialPolicy
  /** Finds the credential, and refuses a URL that it was not obtained for (★1). */
  readonly credential: (
    decision: PolicyDecision,
    request: { readonly url: URL; readonly signal?: AbortSignal | undefined },
  ) => Promise<Credential>
  readonly browser: boolean
  readonly timeoutMs: number
  readonly now: () => number
  readonly onRequest: (event: RequestEvent) => void
}

const maximalRedirects = 5

const sent = new WeakMap<Response, Credential['type']>()

/** Which credential an answer of {@link credentialedFetch} was given to. */
export function sentCredential(response: Response): Credential['type'] | undefined {
  return sent.get(response)
}

/**
 * A fetch that adds exactly one credential (★5) to requests for the known services, and refuses all others.
 *
 * It returns every HTTP answer and throws only for credentials and transport. Redirects are followed
 * here and not by the platform, which would carry `X-API-Key` to another origin (★7).
 */
export function credentialedFetch(options: CredentialedFetchOptions): Fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined
    const method = (init?.method ?? request?.method ?? 'GET').toUpperCase()
    const signal = init?.signal ?? request?.signal
    let url = parseTarget(request?.url ?? String(input))
    for (let attempt = 1; attempt <= maximalRedirects + 1; attempt++) {
      throwIfAborted(signal)
      const headers = new Headers(init?.headers ?? request?.headers)
      const type = await authorize(headers, { url, signal: signal ?? undefined, options })
      const target = request?.url === url.href ? request : url
      const response = await send(
        target,
        { ...init, method, headers },
        { url, attempt, signal, options },
      )
      const next = redirectTarget(response, url, method)
      if (next === undefined) {
        sent.set(response, type)
        return response
      }
      await response.body?.cancel()
      url = next
    }
    throw new AuthError('invalid_response', `${url.host} redirects without end.`)
  }
}

function parseTarget(text: string): URL {
  if (!URL.canParse(text)) {
    throw new AuthError('validation_failed', 'The address of the request is not an absolute URL.')
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    throw new AuthError(
      'origin_not_allowed',
      'The address of the request contains user information.',
    )
  }
  return url
}

async function authorize(
  headers: Headers,
  context: { url: URL; signal: AbortSignal | undefined; options: CredentialedFetchOptions },
): Promise<Credential['type']> {
  const { url, signal, options } = context
  const decision = isSecureUrl(url) ? options.policy(url) : undefined
  if (decision === undefined) {
    throw new AuthError('origin_not_allowed', `No credential goes to ${url.origin}.`, {
      hint: 'Name the service in endpoints, or call it with your own fetch.',
    })
  }
  const { type, secret } = await options.credential(decision, { url, signal })
  // ★6 Access logs keep query strings.
  if ([...url.searchParams.values()].some((value) => value.includes(secret.reveal()))) {
    throw new AuthError('validation_failed', 'The address of the request contains a credential.', {
      hint: 'Leave the credential out of the URL; it goes in a header by itself.',
    })
  }
  headers.delete('authorization')
  headers.delete('x-api-key')
  if (type === 'bearer') headers.set('authorization', `Bearer ${secret.reveal()}`)
  else headers.set('x-api-key', secret.reveal())
  return type
}

async function send(
  target: URL | Request,
  init: RequestInit,
  context: {
    url: URL
    attempt: number
    signal: AbortSignal | null | undefined
    options: CredentialedFetchOptions
  },
): Promise<Response> {
  const { url, attempt, signal, options } = context
  const { fetch, timeoutMs, now, browser, onRequest } = options
  const service = options.policy(url)?.service ?? url.host
  const startedAt = now()
  const report = (response?: Response) =>
    onRequest({
      service,
      method: init.method ?? 'GET',
      route: url.pathname,
      status: response?.status,
      requestId: response?.headers.get('x-request-id') ?? undefined,
      attempt,
      durationMs: now() - startedAt,
    })

  const deadline = startDeadline(timeoutMs)
  // The time limit ends with the headers; the caller's signal reaches the body too.
  const combined = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal
  const redirect = browser ? 'error' : 'manual'
  try {
    const response = await fetch(target, { ...init, redirect, signal: combined })
    report(response)
    return response
  } catch (error) {
    report()
    if (deadline.timedOut()) {
      throw new AuthError('timeout', `${url.origin} did not answer within ${timeoutMs} ms.`)
    }
    if (signal?.aborted) throw abortedError(signal)
    throw networkError(error, url.origin)
  } finally {
    deadline.dispose()
  }
}

/**
 * Where to go on, for a redirect that may be followed: the same origin, and nothing that has a body.
 * @throws AuthError `origin_not_allowed`, `invalid_response`
 */
function redirectTarget(response: Response, from: URL, method: string): URL | undefined {
  const opaque = response.type === 'opaqueredirect'
  if (!opaque && ![301, 302, 303, 307, 308].includes(response.status)) return undefined
  const location = response.headers.get('location')
  if (location === null || !URL.canParse(location, from)) {
    if (!opaque) return undefined
    throw new AuthError(
      'origin_not_allowed',
      `${from.host} redirects, and a page cannot see where.`,
    )
  }
  const target = new URL(location, from)
  if (target.origin !== from.origin) {
    throw new AuthError('origin_not_allowed', `${from.host} redirects to another origin.`, {
      status: response.status,
    })
  }
  if (method !== 'GET' && method !== 'HEAD') {
    throw new AuthError('invalid_response', `${from.host} redirects a ${method} request.`, {
      status: response.status,
    })
  }
  return target
}
