import ky, { HTTPError, type KyInstance } from 'ky'
import * as z from 'zod/mini'
import { abortedError } from '../async/abort.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { notesOn } from './credentialed-fetch.ts'
import { requestIdOf } from './request-id.ts'
import { errorFromResponse } from './response-error.ts'
import { type Fetch, mayHaveActed } from './transport.ts'
import { defaultRetryLimits, type RetryLimits, waitPlan } from './wait-plan.ts'
import { wholeFetch } from './whole-fetch.ts'

/** One call of a REST route. */
export interface RestCall<Schema extends z.core.$ZodType = z.core.$ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  /** Whether sending it twice does no harm: then it is tried again after a failure that passes by itself. */
  readonly idempotent: boolean
  /** For error messages: `MCP Core`, `the REST API`. */
  readonly service: string
  /** What the answer has to be. */
  readonly answer: Schema
}

/** Calls typed REST routes over a credentialed fetch. */
export type Rest = <Schema extends z.core.$ZodType>(
  call: RestCall<Schema>,
) => Promise<z.output<Schema>>

/** What the calls work with. */
export interface RestOptions {
  readonly fetch: Fetch
  readonly now: () => number
  readonly random: () => number
  /** Time limit for the body of an answer; that for its beginning is the fetch's own. */
  readonly timeoutMs: number
  readonly limits?: RetryLimits
  /** The scope that the session was granted, to name what a refused request lacks. */
  readonly grantedScope?: () => string | undefined
}

const methods = ['get', 'post', 'put', 'delete'] as const

export function createRest(options: RestOptions): Rest {
  const fetch = wholeFetch(options.fetch, options.timeoutMs)
  const client = ky.create({ fetch, timeout: false, stringifyJson: toJson })

  return async (call) => {
    const { answer, service } = call
    const response = await send(client, call, options)
    const parsed = z.safeParse(answer, await readJson(response))
    if (parsed.success) return parsed.data
    throw new AuthError('invalid_response', `${service} answered in an unknown form.`, {
      status: response.status,
      requestId: requestIdOf(response),
    })
  }
}

/** ky repeats the request; which failures pass and how long to wait is ours to say. */
async function send(client: KyInstance, call: RestCall, options: RestOptions): Promise<Response> {
  const { method, url, body, signal, idempotent } = call
  const plan = waitPlan(options.limits ?? defaultRetryLimits, options.random)
  let failure: AuthError | undefined
  let mayBeDone = false
  let waitMs = 0
  try {
    return await client(url, {
      method,
      headers: { accept: 'application/json' },
      ...(body === undefined ? {} : { json: body }),
      ...(signal === undefined ? {} : { signal }),
      retry: {
        methods: [...methods],
        limit: Number.MAX_SAFE_INTEGER,
        delay: () => waitMs,
        shouldRetry: async ({ error }) => {
          failure = await toAuthError(error, call, options)
          mayBeDone ||= mayHaveActed(failure)
          const wait = idempotent && !signal?.aborted ? plan(failure) : undefined
          waitMs = wait ?? 0
          return wait !== undefined
        },
      },
    })
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal)
    const final = failure ?? (await toAuthError(error, call, options))
    // What an attempt without an answer has deleted is not there for the next one.
    if (method === 'DELETE' && mayBeDone && final.code === 'not_found') return new Response()
    throw final
  }
}

async function toAuthError(
  error: unknown,
  { service }: RestCall,
  { now, grantedScope }: RestOptions,
): Promise<AuthError> {
  if (isAuthError(error)) return error
  if (!(error instanceof HTTPError)) throw error
  const known = notesOn(error.response)
  if (known?.error !== undefined) return known.error
  const credential = known?.credential.type ?? 'bearer'
  return errorFromResponse(error.response.clone(), {
    service,
    credential,
    // What an API key may do is not known here.
    grantedScope: credential === 'bearer' ? grantedScope?.() : undefined,
    now: now(),
  })
}

/** @throws AuthError `validation_failed` */
function toJson(body: unknown): string {
  try {
    return JSON.stringify(body)
  } catch (cause) {
    throw new AuthError('validation_failed', 'The request cannot be written as JSON.', {
      hint: 'Give only what JSON has a form for: no BigInt, and nothing that contains itself.',
      cause,
    })
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
