import type { Platform } from '../../src/testing.ts'
import { deferred } from './async.ts'

/** How a socket ended, as its client saw it. */
export interface RawEnd {
  readonly code: number
  readonly reason: string
  /** Of a handshake that was refused. */
  readonly status?: number | undefined
}

/** A socket without any knowledge of MCP: none of what is tested here may come from our own client. */
interface RawSocket {
  /** Resolves with the subprotocol; never, when it does not open. */
  readonly opened: Promise<string>
  readonly ended: Promise<RawEnd>
  /** All that came in. */
  readonly messages: readonly string[]
  /** Pings and pongs that came in. */
  readonly signs: () => number
  /** The next message that was not taken yet, parsed. */
  next(): Promise<unknown>
  send(text: string): void
  /** Sends it as JSON. */
  say(message: object): void
  ping(): void
  close(code: number): void
  terminate(): void
}

interface RawOptions {
  readonly headers?: Record<string, string>
  readonly protocols?: readonly string[]
  /** Added to the address. */
  readonly search?: string
}

export type OpenRaw = (platform: Platform, options?: RawOptions) => RawSocket

/** What every raw socket does with what comes in. */
export function createInbox() {
  const messages: string[] = []
  const waiting: ((text: string) => void)[] = []
  let taken = 0
  return {
    messages,
    arrive(text: string) {
      messages.push(text)
      const first = waiting.shift()
      if (first === undefined) return
      taken += 1
      first(text)
    },
    async next(): Promise<unknown> {
      const text = messages[taken]
      if (text === undefined) return JSON.parse(await new Promise((take) => waiting.push(take)))
      taken += 1
      return JSON.parse(text)
    },
  }
}

export const openInProcess: OpenRaw = (platform, options = {}) => {
  const { headers = {}, protocols = [], search = '' } = options
  const { messages, arrive, next } = createInbox()
  const opened = deferred<string>()
  const ended = deferred<RawEnd>()
  let signs = 0
  const socket = platform.webSocket.open(
    {
      url: new URL(platform.endpoints.mcpWs + search),
      protocols,
      headers,
      maxMessageBytes: 100_000,
    },
    {
      onOpen: ({ protocol }) => opened.resolve(protocol),
      onMessage: arrive,
      onSign: () => {
        signs += 1
      },
      onClose: ({ code, reason, refusal }) =>
        ended.resolve({ code, reason, status: refusal?.status }),
    },
  )
  return {
    opened: opened.promise,
    ended: ended.promise,
    messages,
    signs: () => signs,
    next,
    send: (text) => socket.send(text),
    say: (message) => socket.send(JSON.stringify(message)),
    ping: () => socket.ping?.(),
    close: (code) => socket.close(code, 'enough'),
    terminate: () => socket.terminate(),
  }
}
