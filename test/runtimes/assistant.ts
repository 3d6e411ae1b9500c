import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import type { ServedPlatform } from '../../src/testing-node.ts'

/** Does for the portable cases what has to be done outside of their runtime, asked over HTTP. */
export interface Assistant extends AsyncDisposable {
  readonly url: string
}

/** A request of a case; it comes from this repository. */
interface Asked {
  readonly url: string
  readonly kind: 'socket' | 'stream'
  readonly [more: string]: unknown
}

/** How long a connection may need, on a machine that has other work. */
const patience = { timeout: 60_000, interval: 20 }

/** Less than the 30 s after which a service gives up on a socket whose other side does not answer its end. */
const closing = { timeout: 20_000, interval: 20 }

/**
 * | path | body | what it does |
 * |---|---|---|
 * | `/sign-in` | `url` | a person signs in there; gives the `callback` that they end on |
 * | `/issue-tokens` | | a sign-in that somebody made before |
 * | `/expire` | | ends the life of all access tokens |
 * | `/push` | `kind`, what to say | says it when a connection of this kind takes it |
 * | `/cut` | `kind` | loses the connections of this kind |
 * | `/wait-for-none` | `kind` | waits until no connection of this kind is open |
 */
export async function startAssistant(platform: ServedPlatform): Promise<Assistant> {
  const { realtime } = platform
  const open = (kind: Asked['kind']) => (kind === 'socket' ? realtime.sockets : realtime.streams)
  const actions: Record<string, (asked: Asked) => Promise<unknown>> = {
    '/sign-in': async ({ url }) => ({ callback: await platform.signIn(url) }),
    '/issue-tokens': () => platform.issueTokens(),
    '/expire': async () => platform.expireAccessTokens(),
    '/push': async ({ kind, method, params, event, data }) => {
      await vi.waitUntil(() => open(kind).some(({ ready }) => ready), patience)
      await realtime.push(
        kind === 'stream'
          ? { event: String(event), data }
          : { method: String(method), params: { ...Object(params) } },
      )
    },
    '/cut': async ({ kind }) => realtime.disconnect({ kind }),
    '/wait-for-none': ({ kind }) => vi.waitUntil(() => open(kind).length === 0, closing),
  }

  const server = createServer(async (request, response) => {
    // Pages of other origins ask as well.
    response.setHeader('access-control-allow-origin', '*')
    try {
      response.end(JSON.stringify((await act(actions, request)) ?? {}))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('There is no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function act(
  actions: Record<string, (asked: Asked) => Promise<unknown>>,
  request: IncomingMessage,
): Promise<unknown> {
  const action = actions[request.url ?? '']
  if (action === undefined) throw new Error(`There is no ${request.url} here.`)
  return action(JSON.parse(await text(request)))
}
