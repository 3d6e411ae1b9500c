import type { IncomingMessage, ServerResponse } from 'node:http'
import { carriesState } from '../../oauth/callback.ts'
import type { Answer } from '../answer/answer.ts'
import { bindFirst, closeServer, type LoopbackHost, noPortFree } from './bind.ts'
import { type PageContent, pageHeaders, renderPage } from './page.ts'

/** Where to listen. */
export interface LoopbackPlaces {
  /** The first one that is free on every host is taken. */
  readonly ports: readonly number[]
  /** All are listened on, as far as this machine has them; the first that it has is in the redirect. */
  readonly hosts?: readonly LoopbackHost[] | undefined
}

/** A listener on this machine for one sign-in (RFC 8252 §7.3). */
export interface LoopbackListener {
  /** Literal, as it has to be sent twice (★11). */
  readonly redirectUri: string
  /** Only a request that carries this state, exactly once, is the answer; all others are turned away. */
  readonly expect: (state: string) => Promise<Answer>
  /** Releases the port and ends all connections. */
  readonly close: () => Promise<void>
}

const defaultHosts: readonly LoopbackHost[] = ['127.0.0.1']
const callbackPath = '/callback'
const longestSendMs = 1_000

/**
 * Listens on the first port that is free.
 *
 * @throws AuthError `port_in_use`, naming the ports that were tried; `network_error`
 */
export async function listenOnLoopback({
  ports,
  hosts = defaultHosts,
}: LoopbackPlaces): Promise<LoopbackListener> {
  const bound = await bindFirst(ports, hosts)
  const [first] = bound
  if (first === undefined) throw noPortFree(ports)
  const redirectUri = `http://${first.authority}${callbackPath}`
  let expected: { state: string; settle: (answer: Answer) => void } | undefined

  for (const { server, authority } of bound) {
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
      settle({ url, codeAlone: false, respond: (page) => send(response, page) })
    })
  }

  return {
    redirectUri,
    expect: (state) =>
      new Promise((settle) => {
        expected = { state, settle }
      }),
    close: async () => {
      await Promise.all(bound.map(({ server }) => closeServer(server)))
    },
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
  if (request.headersDistinct.host?.join() !== authority) {
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
