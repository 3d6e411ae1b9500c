import type { ServiceRequest } from '../http/exchange.ts'
import type { Dispatch } from './dispatch.ts'
import type { Outcome } from './fault-effects.ts'
import { lostError } from './lost.ts'
import { followed } from './redirects.ts'
import { toResponse } from './response.ts'

/** The part of `fetch` that everybody uses. */
export type PlatformFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

const maximalRedirects = 20

/**
 * A `fetch` that reaches the platform and nothing else. As the real one it rejects with the signal's
 * reason, with a `TypeError` whose cause has a code where the network fails, and follows redirects
 * by the same rules: `Authorization` stays behind at another origin, `X-API-Key` does not (★7).
 * `redirect: 'manual'` gives the redirect itself, as in Node.
 */
export function createFetch(dispatch: Dispatch): PlatformFetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal, redirect } = request
    signal.throwIfAborted()
    let current = await toServiceRequest(request)
    for (let hops = 0; ; hops++) {
      const outcome = await raceAbort(dispatch(current, signal), signal)
      const answer = await received(outcome, signal)
      const location = answer.headers.find(([name]) => name.toLowerCase() === 'location')?.[1]
      const isRedirect = [301, 302, 303, 307, 308].includes(answer.status)
      if (!isRedirect || location === undefined || redirect === 'manual') {
        const { url } = current
        return toResponse(answer, {
          url,
          redirected: hops > 0,
          cut: outcome.type === 'cut',
          signal,
        })
      }
      if (redirect === 'error') throw failed(new Error('unexpected redirect'))
      if (hops >= maximalRedirects) throw failed(new Error('redirect count exceeded'))
      current = followed(current, { status: answer.status, location })
    }
  }
}

async function toServiceRequest(request: Request): Promise<ServiceRequest> {
  const url = new URL(request.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw failed(new Error('unknown scheme'))
  return {
    method: request.method,
    url,
    headers: new Headers(request.headers),
    text: await request.text(),
    address: request.headers.get('x-forwarded-for')?.split(',')[0]?.trim() || '127.0.0.1',
  }
}

async function received(outcome: Outcome, signal: AbortSignal) {
  switch (outcome.type) {
    case 'answer':
    case 'cut':
      if (outcome.answer.ongoing?.type === 'socket') throw failed(new Error('bad upgrade'))
      return outcome.answer
    case 'hang':
      return raceAbort(new Promise<never>(() => {}), signal)
    case 'lost':
      throw failed(lostError(outcome.reason))
  }
}

function failed(cause: Error): TypeError {
  return new TypeError('fetch failed', { cause })
}

function raceAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
