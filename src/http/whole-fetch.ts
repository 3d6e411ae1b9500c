import { abortedError, unref } from '../async/abort.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { copyNotes } from './credentialed-fetch.ts'
import { bodyless, type Fetch, networkError, readText } from './transport.ts'

/** More than any page of memories; a stream without end stops here. */
const maximalBytes = 67_108_864

/**
 * A fetch whose answers are whole: the body was read, within a time limit of its own, so that one
 * that breaks off counts as a failure of the request and can be repeated.
 *
 * @throws AuthError besides those of the fetch beneath: `timeout`, `network_error`, `invalid_response`
 */
export function wholeFetch(fetch: Fetch, timeoutMs: number): Fetch {
  return async (input, init = {}) => {
    const request = input instanceof Request ? input : undefined
    const where = new URL(request?.url ?? String(input)).origin
    const callers = init.signal ?? request?.signal
    const stop = new AbortController()
    const signal = callers ? AbortSignal.any([callers, stop.signal]) : stop.signal
    const response = await fetch(input, { ...init, signal })
    const timer = setTimeout(() => stop.abort(), timeoutMs)
    unref(timer)
    try {
      const text = await readText(response, { where, signal, maximalBytes })
      const { status, statusText, headers } = response
      const body = bodyless(status) ? null : text
      return copyNotes(response, new Response(body, { status, statusText, headers }))
    } catch (error) {
      if (callers?.aborted) throw abortedError(callers)
      if (stop.signal.aborted) {
        throw new AuthError('timeout', `${where} did not finish its answer within ${timeoutMs} ms.`)
      }
      throw isAuthError(error) ? error : networkError(error, where)
    } finally {
      clearTimeout(timer)
    }
  }
}
