import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthError } from '../../errors/auth-error.ts'
import { carriesState } from '../../oauth/callback.ts'
import { type PageContent, pageHeaders, renderPage } from './page.ts'

/** The answer of the authorization server, as it came to the listener. */
export interface Callback {
  readonly url: URL
  /** Shows the person how it ended. */
  readonly respond: (page: PageContent & { readonly status: number }) => Promise<void>
}

/** A listener on this machine for one sign-in (RFC 8252 §7.3). */
export interface LoopbackListener {
  /** Literal, as it has to be sent twice (★11). */
  readonly redirectUri: string
  /** Only a request that carries this state, exactly once, is the answer; all others are turned away. */
  readonly expect: (state: string) => Promise<Callback>
  /** Releases the port and ends all connections. */
  readonly close: () => Promise<void>
}

const host = '127.0.0.1'
const callbackPath = '/callback'
const longestSendMs = 1_000

/**
 * Listens on the first port that is free.
 *
 * @throws AuthError `port_in_use`, naming the ports that were tried
 */
export async function listenOnLoopback(ports: readonly number[]): Promise<LoopbackListener> {
  const server = createServer({
    // Who sends a header slowly is not worth waiting for.
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    keepAlive: false,
    maxHeaderSize: 16_384,
  })
  const port = await listenOnFirst(server, ports)
  const authority = `${host}:${port}`
  const redirectUri = `http://${authority}${callbackPath}`
  let expected: { state: string; settle: (callback: Callback) => void } | undefined

  server.on('request', (request, response) => {
    const refusal = refuse(request, authority)
    if (refusal !== undefined) return void send(response, refusal)
    const url = new URL(request.url ?? '/', redirectUri)
    if (expected === undefined || !carriesState(url, expected.state)) {
      return void send(response, notThisSignIn)
    }
    const { settle } = expected
    // Once: a reload of the page must not run the sign-in again.
    expected = undefined
    settle({ url, respond: (page) => send(response, page) })
  })
  // A broken connection is its sender's affair.
  server.on('clientError', (_error, socket) => socket.destroy())
  // Nor does a connection that could not be accepted (no file handle was free) end the sign-in.
  server.on('error', () => {})

  return {
    redirectUri,
    expect: (state) =>
      new Promise((settle) => {
        expected = { state, settle }
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type PageAnswer = PageContent & { readonly status: number }

const notThisSignIn: PageAnswer = {
  status: 400,
  title: 'Not this sign-in',
  text: 'This address does not belong to the sign-in under way. Go back to the program and start again.',
}

/** Everything that is not a browser coming back: another page's request, a scanner, a rebound name. */
function refuse(request: IncomingMessage, authority: string): PageAnswer | undefined {
  // DNS rebinding: a foreign name that points to this machine still names itself here.
  if (request.headers.host !== authority) {
    return { status: 421, title: 'Wrong address', text: 'Nothing is served under this name.' }
  }
  if (request.method !== 'GET') {
    return { status: 405, title: 'Not allowed', text: 'Only a browser comes back here.' }
  }
  const path = (request.url ?? '').split('?', 1)[0]
  return path === callbackPath
    ? undefined
    : { status: 404, title: 'Not found', text: 'There is nothing here.' }
}

function send(response: ServerResponse, { status, ...content }: PageAnswer): Promise<void> {
  // Who has gone already is not waited for.
  if (response.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    // When the page has left, or its reader has; a slow one does not hold up the sign-in.
    const timer = setTimeout(resolve, longestSendMs)
    response.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    response.writeHead(status, pageHeaders)
    response.end(renderPage(content))
  })
}

async function listenOnFirst(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    if (await listens(server, port)) return (server.address() as AddressInfo).port
  }
  throw new AuthError('port_in_use', `No port is free for the sign-in: ${ports.join(', ')}.`)
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening)
      // Windows reports a reserved port as a missing permission.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else
        reject(
          new AuthError('network_error', 'This machine lets nobody listen on 127.0.0.1.', {
            cause: error,
          }),
        )
    }
    const onListening = () => {
      server.off('error', onError)
      resolve(true)
    }
    server.once('error', onError)
    server.once('listening', onListening)
    server.listen({ port, host, exclusive: true })
  })
}
