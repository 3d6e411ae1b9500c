import type { Fetch } from '../../../src/http/transport.ts'
import type { WebSocketEvents, WebSocketRequest, WebSockets } from '../../../src/mcp/web-socket.ts'
import type { JsonRpcMessage, McpSdk, OfficialTransportOptions } from '../../../src/mcp.ts'

/** A transport of an SDK, as a test drives it. */
export class FakeTransport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JsonRpcMessage) => void
  sessionId?: string | undefined
  version: string | undefined
  readonly sent: JsonRpcMessage[] = []
  closes = 0
  readonly url: URL
  readonly options: OfficialTransportOptions

  constructor(url: URL, options: OfficialTransportOptions) {
    this.url = url
    this.options = options
    this.sessionId = options.sessionId
  }

  get fetch(): Fetch {
    return this.options.fetch
  }

  setProtocolVersion(version: string) {
    this.version = version
  }

  async start() {}

  async send(message: JsonRpcMessage | JsonRpcMessage[]) {
    this.sent.push(...[message].flat())
  }

  async close() {
    this.closes += 1
    this.onclose?.()
  }
}

/** An SDK whose transports a test can get hold of. */
export function fakeSdk(Base: typeof FakeTransport = FakeTransport) {
  const made: FakeTransport[] = []
  class Kept extends Base {
    constructor(url: URL, options: OfficialTransportOptions) {
      super(url, options)
      made.push(this)
    }
  }
  const sdk: McpSdk = { StreamableHTTPClientTransport: Kept, SSEClientTransport: Kept }
  return {
    sdk,
    /** The only one that was made. */
    get inner(): FakeTransport {
      const [inner, another] = made
      if (inner === undefined || another !== undefined) {
        throw new Error(`${made.length} transports were made.`)
      }
      return inner
    },
    made,
  }
}

/** One socket that was asked for. */
interface FakeSocket {
  readonly request: WebSocketRequest
  readonly events: WebSocketEvents
  readonly sent: string[]
  /** What waits in it: the test says so. */
  bufferedBytes: number
}

/** Sockets that do what a test says. */
export function fakeSockets() {
  const opened: FakeSocket[] = []
  const webSocket: WebSockets = {
    takesHeaders: true,
    open(request, events) {
      const sent: string[] = []
      const socket: FakeSocket = { request, events, sent, bufferedBytes: 0 }
      opened.push(socket)
      return {
        get bufferedBytes() {
          return socket.bufferedBytes
        },
        send: (text) => sent.push(text),
        close: (code, reason) => events.onClose({ code, reason }),
        terminate: () => events.onClose({ code: 1006, reason: '' }),
      }
    },
  }
  return { webSocket, opened }
}

export const request = (id: number): JsonRpcMessage => ({ jsonrpc: '2.0', id, method: 'ping' })
