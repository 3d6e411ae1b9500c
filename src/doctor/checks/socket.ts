import { AuthError } from '../../errors/auth-error.ts'
import { networkError } from '../../http/transport.ts'
import type { WebSockets } from '../../mcp/web-socket.ts'
import { type Check, failed, failure, ok, skipped } from '../check.ts'
import type { CheckContext } from '../context.ts'

/** How the handshake ended. */
type Handshake =
  | { readonly type: 'open' }
  | { readonly type: 'closed'; readonly status: number | undefined; readonly error: unknown }

/** What refuses a socket that carries no credential, by its status: it is there all the same (★27). */
const refusals = new Set([400, 401, 403])

/** The WebSocket handshake, without a credential. */
export const socketCheck: Check = {
  id: 'socket',
  title: 'The WebSocket handshake',
  async run(context) {
    const service = 'mcpWs'
    const { webSockets } = context.settings
    if (webSockets === undefined) {
      return [skipped('This client has nothing to open a socket with (webSocket).', { service })]
    }
    const { host } = new URL(context.endpoints.urls.mcpWs)
    const startedAt = performance.now()
    const handshake = await shakeHands(context, webSockets)
    const details = { service, latencyMs: Math.round(performance.now() - startedAt) } as const
    if (handshake instanceof AuthError) return [failed(handshake, { service })]
    if (handshake.type === 'open') return [ok(`${host} opens a socket.`, details)]
    const { status, error } = handshake
    if (status !== undefined && refusals.has(status)) {
      return [ok(`${host} answers, and wants a credential (${status}).`, details)]
    }
    if (status === undefined) return [failed(networkError(error, host), { service })]
    return [
      failure(`${host} refuses the handshake with ${status}.`, {
        ...details,
        expected: '101, a socket',
        hint: 'The proxy in front of MCP Core has to pass on Upgrade and Connection to its socket port, and the path has to be right.',
      }),
    ]
  },
}

/** @throws AuthError `aborted` */
async function shakeHands(
  { endpoints, within }: CheckContext,
  webSockets: WebSockets,
): Promise<Handshake | AuthError> {
  let end = () => {}
  const handshake = new Promise<Handshake>((resolve) => {
    const socket = webSockets.open(
      { url: new URL(endpoints.urls.mcpWs), protocols: [], headers: {}, maxMessageBytes: 65_536 },
      {
        onOpen: () => resolve({ type: 'open' }),
        onMessage: () => {},
        onSign: () => {},
        onClose: ({ status, error }) => resolve({ type: 'closed', status, error }),
      },
    )
    end = () => socket.terminate()
  })
  try {
    return await within(endpoints.urls.mcpWs, handshake)
  } catch (error) {
    if (error instanceof AuthError && error.code === 'timeout') return error
    throw error
  } finally {
    end()
  }
}
