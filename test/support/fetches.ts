import type { Fetch } from '../../src/http/transport.ts'

/** What a request looked like when it went out. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly redirect: RequestRedirect | undefined
}

export type Answering = (request: SentRequest) => Response | Promise<Response>

/** A fetch that answers as told, and remembers what it was asked. */
export function fakeFetch(answer: Answering): { fetch: Fetch; sent: SentRequest[] } {
  const sent: SentRequest[] = []
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init)
    const seen: SentRequest = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: await request.text(),
      redirect: init?.redirect,
    }
    sent.push(seen)
    return answer(seen)
  }
  return { fetch, sent }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

/** What a proxy answers in place of the service. */
export function htmlPage(status: number): Response {
  const headers = { 'content-type': 'Text/HTML; charset=utf-8' }
  return new Response('<html>No</html>', { status, headers })
}

export function redirectTo(location: string, status = 302): Response {
  return new Response(null, { status, headers: { location } })
}

/** The error of Node's fetch for a connection that failed. */
export function connectionError(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}
