import type { Fetch } from '../../http/transport.ts'
import type { ProxySettings } from './settings.ts'

/**
 * A fetch that goes through the proxies of the environment, which the one of Node.js ignores.
 * undici is the implementation beneath that one; it is loaded with the first request.
 *
 * A body is read before it is sent, because the two do not share their classes.
 */
export function proxyFetch({ httpProxy, httpsProxy, noProxy }: ProxySettings): Fetch {
  let loaded: Promise<Fetch> | undefined

  return async (input, init) => {
    loaded ??= load()
    return (await loaded)(input, init)
  }

  async function load(): Promise<Fetch> {
    const undici = await import('undici')
    const dispatcher = new undici.EnvHttpProxyAgent({
      noProxy,
      ...(httpProxy === undefined ? {} : { httpProxy }),
      ...(httpsProxy === undefined ? {} : { httpsProxy }),
    })
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
