import { onTestFinished, vi } from 'vitest'
import type { AuthError } from '../../src/errors/auth-error.ts'
import type { Credential } from '../../src/http/credentialed-fetch.ts'
import type { RequestEvent } from '../../src/http/request-event.ts'
import type { McpContext } from '../../src/mcp/context.ts'
import type {
  WebSocketEnd,
  WebSocketEvents,
  WebSocketHandle,
  WebSocketRequest,
  WebSockets,
} from '../../src/mcp/web-socket.ts'
import { Secret } from '../../src/secret/secret.ts'
import { settle } from './async.ts'

/** A socket whose other side is the test. */
export class FakeSocket implements WebSocketHandle {
  readonly request: WebSocketRequest
  readonly sent: Record<string, unknown>[] = []
  readonly #events: WebSocketEvents
  bufferedBytes = 0
  pings = 0
  closed: { readonly code: number } | 'terminated' | undefined
  alive = true
  readonly ping?: () => void

  constructor(request: WebSocketRequest, events: WebSocketEvents, canPing: boolean) {
    this.request = request
    this.#events = events
    if (canPing) {
      this.ping = () => {
        this.pings += 1
      }
    }
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(code: number): void {
    this.closed = { code }
    queueMicrotask(() => this.#events.onClose({ code, reason: '' }))
  }

  terminate(): void {
    this.closed = 'terminated'
    queueMicrotask(() => this.#events.onClose({ code: 1006, reason: '' }))
  }

  keepAlive(alive: boolean): void {
    this.alive = alive
  }

  async accept(protocol = ''): Promise<void> {
    this.#events.onOpen({ protocol })
    await settle()
  }

  async say(...messages: unknown[]): Promise<void> {
    for (const message of messages) {
      this.#events.onMessage(typeof message === 'string' ? message : JSON.stringify(message))
    }
    await settle()
  }

  async beat(): Promise<void> {
    this.#events.onSign()
    await settle()
  }

  async end(end: Partial<WebSocketEnd> = {}): Promise<void> {
    this.#events.onClose({ code: 1006, reason: '', ...end })
    await settle()
  }

  refuse(status: number, body: unknown = '', headers: Record<string, string> = {}): Promise<void> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.end({ refusal: new Response(text, { status, headers }) })
  }
}

interface FakeOptions extends Partial<McpContext> {
  readonly takesHeaders?: boolean
}

/** What a connection needs of a client, with sockets whose other side is the test, and a clock that is its own. */
export function fakeContext({ takesHeaders = true, ...given }: FakeOptions = {}) {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'],
    now: Date.UTC(2026, 5, 1),
  })
  onTestFinished(() => void vi.useRealTimers())
  const sockets: FakeSocket[] = []
  const reports: RequestEvent[] = []
  const judged: Credential[] = []
  const closing = new AbortController()
  const signOuts = new Set<(why: AuthError) => void>()
  let credentials = 0
  const nothingFetched = () => Promise.reject(new Error('Nothing is fetched here.'))
  const webSockets: WebSockets = {
    takesHeaders,
    open(request, events) {
      const socket = new FakeSocket(request, events, takesHeaders)
      sockets.push(socket)
      return socket
    },
  }
  const context: McpContext = {
    endpoints: {
      authGateway: 'https://auth.example.com',
      mcpHttp: 'https://mcp.example.com/api/v1',
      mcpWs: 'wss://mcp.example.com/ws',
      mcpSse: 'https://mcp.example.com/api/v1/events',
      restApi: 'https://api.example.com/api/v1',
    },
    fetch: nothingFetched,
    patientFetch: nothingFetched,
    webSockets,
    browser: false,
    timeoutMs: 10_000,
    now: Date.now,
    random: () => 1,
    credentialFor: async () => {
      credentials += 1
      return {
        credential: { type: 'bearer', secret: new Secret(`token-${credentials}`) },
        headers: { 'x-project-scope': 'one' },
      }
    },
    judge: async ({ credential }) => {
      judged.push(credential)
      return { type: 'retry' }
    },
    onSignOut: (_credential, listener) => {
      signOuts.add(listener)
      return () => void signOuts.delete(listener)
    },
    report: (event) => void reports.push(event),
    closing: closing.signal,
    ...given,
  }
  return {
    context,
    sockets,
    reports,
    judged,
    signOuts,
    closing,
    /** The newest socket, when everything that leads to it has happened. */
    async socket(count = sockets.length): Promise<FakeSocket> {
      // What is loaded on first use takes more than a turn.
      for (let turn = 0; sockets.length < Math.max(1, count) && turn < 200; turn++) await settle()
      const socket = sockets[Math.max(1, count) - 1]
      if (socket === undefined) throw new Error(`There is no socket ${count}.`)
      return socket
    },
    async pass(ms: number): Promise<void> {
      await vi.advanceTimersByTimeAsync(ms)
      await settle()
    },
    /** What would keep the process busy. */
    timers: () => vi.getTimerCount(),
  }
}
