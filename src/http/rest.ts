import ky, { HTTPError, type KyInstance } from 'ky'
import * as z from 'zod/mini'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { sentCredential } from './credentialed-fetch.ts'
import { errorFromResponse } from './response-error.ts'
import type { Fetch } from './transport.ts'

/** One call of a REST route. */
export interface RestCall<Schema extends z.core.$ZodType> {
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

const passing = [408, 429, 502, 503, 504]
const longestWaitMs = 10_000

export function createRest({ fetch, now }: { fetch: Fetch; now: () => number }): Rest {
  const client = ky.create({
    fetch,
    // The fetch beneath has the time limit.
    timeout: false,
    retry: {
      limit: 2,
      statusCodes: passing,
      afterStatusCodes: passing,
      maxRetryAfter: longestWaitMs,
      backoffLimit: 2_000,
      jitter: true,
    },
  })

  return async (call) => {
    const { answer, service } = call
    const response = await send(client, call, now)
    const parsed = z.safeParse(answer, await readJson(response))
    if (parsed.success) return parsed.data
    throw new AuthError('invalid_response', `${service} answered in an unknown form.`, {
      status: response.status,
      requestId: response.headers.get('x-request-id') ?? undefined,
    })
  }
}

async function send(
  client: KyInstance,
  { method, url, body, signal, idempotent, service }: RestCall<z.core.$ZodType>,
  now: () => number,
): Promise<Response> {
  try {
    return await client(url, {
      method,
      headers: { accept: 'application/json' },
      ...(body === undefined ? {} : { json: body }),
      ...(signal === undefined ? {} : { signal }),
      retry: {
        methods: idempotent ? ['get', 'post', 'put', 'delete'] : [],
        // Our own errors say themselves whether waiting helps; answers go by their status.
        shouldRetry: ({ error }) =>
          isAuthError(error) ? idempotent && isPassing(error) : idempotent ? undefined : false,
      },
    })
  } catch (error) {
    if (isAuthError(error)) throw error
    if (signal?.aborted) throw new AuthError('aborted', 'The call was cancelled by its caller.')
    if (!(error instanceof HTTPError)) throw error
    const credential = sentCredential(error.response) ?? 'bearer'
    throw await errorFromResponse(error.response, { service, credential, now: now() })
  }
}

function isPassing(error: AuthError): boolean {
  return error.code === 'network_error' || error.code === 'timeout'
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
