import type { Platform } from '../../src/testing.ts'
import { deferred } from './async.ts'

/** How a socket ended, as its client saw it. */
interface RawEnd {
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

/** What opening one brings: the parts that only that kind of socket has. */
interface Wire {
  send(text: string): void
  ping(): void
  close(code: number, reason: string): void
  terminate(): void
}

/** What a socket tells, for whoever opens one. */
interface Listener {
  opened(protocol: string): void
  arrive(text: string): void
  sign(): void
  ended(end: RawEnd): void
}

/** Makes a raw socket of whatever opens one. */
export function rawSocket(
  open: (
    platform: Platform,
    options: Required<RawOptions> & { readonly listener: Listener },
  ) => Wire,
): OpenRaw {
  return (platform, { headers = {}, protocols = [], search = '' } = {}) => {
    const { messages, arrive, next } = createInbox()
    const opened = deferred<string>()
    const ended = deferred<RawEnd>()
    let signs = 0
    const listener: Listener = {
      opened: opened.resolve,
      arrive,
      sign: () => {
        signs += 1
      },
      ended: ended.resolve,
    }
    const wire = open(platform, { headers, protocols, search, listener })
    return {
      opened: opened.promise,
      ended: ended.promise,
      messages,
      signs: () => signs,
      next,
      send: (text) => wire.send(text),
      say: (message) => wire.send(JSON.stringify(message)),
      ping: () => wire.ping(),
      close: (code) => wire.close(code, 'enough'),
      terminate: () => wire.terminate(),
    }
  }
}

/** What came in, in order, for whoever asks for the next one. */
function createInbox() {
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

export const openInProcess = rawSocket((platform, { headers, protocols, search, listener }) => {
  const url = new URL(platform.endpoints.mcpWs + search)
  const socket = platform.webSocket.open(
    { url, protocols, headers, maxMessageBytes: 100_000 },
    {
      onOpen: ({ protocol }) => listener.opened(protocol),
      onMessage: listener.arrive,
      onSign: listener.sign,
      onClose: ({ code, reason, refusal }) =>
        listener.ended({ code, reason, status: refusal?.status }),
    },
  )
  return {
    send: (text) => socket.send(text),
    ping: () => socket.ping?.(),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  }
})
