import { isLoopback } from '../../endpoints/url.ts'
import type { Fetch } from '../../http/transport.ts'
import type { ProxySettings } from './settings.ts'

/**
 * A fetch that goes through the proxies of the environment, which the one of Node.js ignores.
 * undici is the implementation beneath that one; it is loaded with the first request.
 *
 * What is on this machine is never asked of a proxy, whatever name it goes by: it may be without
 * encryption. A body is read before it is sent, because the two do not share their classes.
 */
export function proxyFetch({ httpProxy = '', httpsProxy = '', noProxy }: ProxySettings): Fetch {
  let loaded: Promise<Fetch> | undefined

  return async (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input)
    if (isLoopback(hostname)) return fetch(input, init)
    loaded ??= load()
    return (await loaded)(input, init)
  }

  async function load(): Promise<Fetch> {
    const undici = await import('undici')
    // An empty text is none; with `undefined` it would read the variables of the process.
    const dispatcher = new undici.EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy })
    return async (input, init) => {
      const request = new Request(input, init)
      const body = request.body === null ? null : await request.arrayBuffer()
      const response = await undici.fetch(request.url, {
        method: request.method,
        headers: [...request.headers],
        body,
        redirect: request.redirect,
        signal: request.signal,
        dispatcher,
      })
      const { status, statusText } = response
      const stream = response.body && relay(response.body.getReader())
      return new Response(stream, { status, statusText, headers: [...response.headers] })
    }
  }
}

/** What is read of one implementation's reader, in a stream of the platform's. */
interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>
  cancel(reason?: unknown): Promise<void>
}

function relay(reader: Reader): ReadableStream {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
