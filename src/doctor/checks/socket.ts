import { AuthError } from '../../errors/auth-error.ts'
import { networkError } from '../../http/transport.ts'
import { nativeWebSockets } from '../../mcp/native-web-sockets.ts'
import type { WebSocketEnd, WebSockets } from '../../mcp/web-socket.ts'
import { type Check, failed, failure, ok, type Result, skipped, warning } from '../check.ts'
import type { CheckContext } from '../context.ts'

/** How the handshake ended. */
type Handshake = { readonly type: 'open' } | ({ readonly type: 'closed' } & WebSocketEnd)

/** What refuses a socket that carries no credential, by its status: it is there all the same (★27). */
const refusals = new Set([400, 401, 403])

/** The WebSocket handshake, without a credential. */
export const socketCheck: Check = {
  id: 'socket',
  title: 'The WebSocket handshake',
  async run(context) {
    const service = 'mcpWs'
    const webSockets = context.settings.webSockets ?? ownSockets()
    if (webSockets === undefined) {
      return [skipped('This platform has no WebSocket (webSocket).', { service })]
    }
    const startedAt = performance.now()
    const handshake = await shakeHands(context, webSockets)
    const latencyMs = Math.round(performance.now() - startedAt)
    if (handshake instanceof AuthError) return [failed(handshake, { service })]
    const { host } = new URL(context.endpoints.urls.mcpWs)
    const result =
      handshake.type === 'open'
        ? ok(`${host} opens a socket.`)
        : ofEnd(handshake, { host, saysWhy: webSockets.takesHeaders })
    return [{ ...result, service, latencyMs }]
  },
}

function ownSockets(): WebSockets | undefined {
  try {
    return nativeWebSockets()
  } catch {
    return undefined
  }
}

function ofEnd(
  { refusal, error }: WebSocketEnd,
  { host, saysWhy }: { readonly host: string; readonly saysWhy: boolean },
): Result {
  if (refusal === undefined) {
    if (saysWhy) return failed(networkError(error, host))
    return warning(`${host} opens no socket for somebody without a credential.`, {
      hint: 'A page is not told why: it may want a credential. Look at it from a program.',
    })
  }
  const { status } = refusal
  if (refusals.has(status)) return ok(`${host} answers, and wants a credential (${status}).`)
  return failure(`${host} refuses the handshake with ${status}.`, {
    expected: '101, a socket',
    hint: 'The proxy in front of MCP Core has to pass on Upgrade and Connection to its socket port, and the path has to be right.',
  })
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
        onClose: (end) => resolve({ type: 'closed', ...end }),
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
