import { raceSignal, throwIfAborted } from '../async/abort.ts'
import { isSecureUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Secret } from '../secret/secret.ts'
import type { CredentialPolicy, PolicyDecision } from './policy.ts'
import { maximalRedirects, redirectTarget } from './redirects.ts'
import { type Sender, send } from './send.ts'
import type { Fetch } from './transport.ts'

/** The one credential of a request. */
export interface Credential {
  readonly type: 'bearer' | 'api-key'
  readonly secret: Secret
}

/** A request that a service answered with 401. */
export interface RefusedRequest {
  readonly credential: Credential
  readonly decision: PolicyDecision
  readonly url: URL
  readonly signal: AbortSignal | undefined
}

/** What a 401 means: the request can be sent again with another credential, or this is the error. */
export type RefusalVerdict =
  | { readonly type: 'retry' }
  | { readonly type: 'error'; readonly error: AuthError }

export interface CredentialedFetchOptions extends Sender {
  readonly policy: CredentialPolicy
  /** Finds the credential, and refuses a URL that it was not obtained for (★1). */
  readonly credential: (
    decision: PolicyDecision,
    request: { readonly url: URL; readonly signal: AbortSignal | undefined },
  ) => Promise<Credential>
  /** Finds out what a 401 means; a plain one proves nothing (★23). Throws when there is no credential any more. */
  readonly judge: (refused: RefusedRequest) => Promise<RefusalVerdict>
  /** Headers that go along, where the service takes them; a caller's own outweigh them. */
  readonly headers: (decision: PolicyDecision) => Readonly<Record<string, string>>
  /** Whether a `Request` with a body may be sent twice: its body is then kept until the answer is there. */
  readonly replayRequests: boolean
}

/** What is known of an answer beside what is in it. */
interface AnswerNotes {
  readonly credential: Credential
  /** What a 401 turned out to mean. */
  readonly error?: AuthError | undefined
}

const notes = new WeakMap<Response, AnswerNotes>()

/** What {@link credentialedFetch} knows of an answer that it returned. */
export function notesOn(response: Response): AnswerNotes | undefined {
  return notes.get(response)
}

/** Passes on what is known of an answer to a copy of it. */
export function copyNotes(from: Response, to: Response): Response {
  const known = notes.get(from)
  if (known !== undefined) notes.set(to, known)
  return to
}

/**
 * A fetch that adds exactly one credential (★5) to requests for the known services, and refuses all others.
 *
 * It returns every HTTP answer and throws only for credentials and transport. Redirects are followed
 * here and not by the platform, which would carry `X-API-Key` to another origin (★7). A 401 is looked
 * into once, and the request repeated once where that helps and its body is still there.
 */
export function credentialedFetch(options: CredentialedFetchOptions): Fetch {
  return async (input, init = {}) => {
    const request = input instanceof Request ? input : undefined
    const method = (init.method ?? request?.method ?? 'GET').toUpperCase()
    const signal = init.signal ?? request?.signal
    let url = parseTarget(request?.url ?? String(input))
    let redirects = 0
    let judged = false
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(signal)
      const { decision, credential } = await findCredential(options, { url, signal })
      const headers = new Headers(init.headers ?? request?.headers)
      addOwnHeaders(headers, options.headers(decision))
      addCredential(headers, credential)
      const again = !judged && canReplay(request, init, options)
      // A body can be read once: the repetition gets its own.
      const target = request?.url !== url.href ? url : again ? request.clone() : request
      const { service } = decision
      const outgoing = { target, url, init, method, headers, signal, service, attempt }
      const response = await send(outgoing, options)
      try {
        if (response.status === 401 && !judged) {
          judged = true
          const refused = { credential, decision, url, signal }
          const verdict = await raceSignal(options.judge(refused), signal ?? undefined)
          if (verdict.type === 'error' || !again) {
            const error = verdict.type === 'error' ? verdict.error : undefined
            notes.set(response, { credential, error })
            return response
          }
        } else {
          const next = redirectTarget(response, { from: url, method })
          if (next === undefined) {
            notes.set(response, { credential })
            return response
          }
          redirects += 1
          if (redirects > maximalRedirects) {
            throw new AuthError('invalid_response', `${url.host} redirects without end.`)
          }
          url = next
        }
      } catch (error) {
        discard(response)
        throw error
      }
      discard(response)
    }
  }
}

/**
 * The credential that goes to a URL, fit to be sent.
 *
 * @throws AuthError `origin_not_allowed`, `login_required`, `config_invalid`, `validation_failed`, …
 */
export async function findCredential(
  { policy, credential: find }: Pick<CredentialedFetchOptions, 'policy' | 'credential'>,
  target: { readonly url: URL; readonly signal: AbortSignal | undefined },
): Promise<{ readonly decision: PolicyDecision; readonly credential: Credential }> {
  const decision = decide(policy, target.url)
  const credential = await find(decision, target)
  assertSendable(credential, target.url)
  return { decision, credential }
}

/**
 * Frees the connection of an answer that nobody will read. It is not waited for: where the caller's fetch keeps
 * a clone of the answer, as mocks and frameworks do, that would be until somebody has read the clone.
 */
export function discard({ body }: Response): void {
  // One that is broken is free already.
  body?.cancel().catch(() => {})
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

function decide(policy: CredentialPolicy, url: URL): PolicyDecision {
  const decision = isSecureUrl(url) ? policy(url) : undefined
  if (decision !== undefined) return decision
  throw new AuthError('origin_not_allowed', `No credential goes to ${url.origin}.`, {
    hint: 'Name the service in endpoints, or call it with your own fetch.',
  })
}

function addOwnHeaders(headers: Headers, own: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(own)) {
    if (!headers.has(name)) headers.set(name, value)
  }
}

/** RFC 6750 §2.1, and what fetch takes: it would repeat anything else in the message of its own error. */
const fitForHeader = /^[\x21-\x7e]+$/

function assertSendable({ secret }: Credential, url: URL): void {
  if (!fitForHeader.test(secret.reveal())) {
    throw new AuthError(
      'config_invalid',
      'The stored credential has characters that none can have.',
      {
        hint: 'It was changed or damaged where it is kept: sign in again, or set the API key again.',
      },
    )
  }
  // ★6 Access logs keep query strings.
  if ([...url.searchParams.values()].some((value) => value.includes(secret.reveal()))) {
    throw new AuthError('validation_failed', 'The address of the request contains a credential.', {
      hint: 'Leave the credential out of the URL; it goes in a header by itself.',
    })
  }
}

function addCredential(headers: Headers, { type, secret }: Credential): void {
  headers.delete('authorization')
  headers.delete('x-api-key')
  if (type === 'bearer') headers.set('authorization', `Bearer ${secret.reveal()}`)
  else headers.set('x-api-key', secret.reveal())
}

/** A stream is gone once it was sent. */
function canReplay(
  request: Request | undefined,
  { body }: RequestInit,
  { replayRequests }: CredentialedFetchOptions,
): boolean {
  if (body !== undefined && body !== null) {
    return (
      typeof body === 'string' ||
      body instanceof URLSearchParams ||
      body instanceof FormData ||
      body instanceof Blob ||
      body instanceof ArrayBuffer ||
      ArrayBuffer.isView(body)
    )
  }
  return request?.body === undefined || request.body === null || replayRequests
}
