/** A socket to open. */
export interface WebSocketRequest {
  /** `wss:`, or `ws:` to this machine; never with a credential in it. */
  readonly url: URL
  /** Subprotocols to offer (RFC 6455 §1.9). */
  readonly protocols: readonly string[]
  /** Headers of the handshake. Only where {@link WebSockets.takesHeaders}; elsewhere there are none. */
  readonly headers: Readonly<Record<string, string>>
  /** A message that is larger is not taken in, where the platform can tell before it is there, bytes. */
  readonly maxMessageBytes: number
}

/** What a socket tells. Nothing comes after `onClose`. */
export interface WebSocketEvents {
  /** It is open, with the subprotocol that the other side chose; empty when it chose none. */
  readonly onOpen: (socket: { readonly protocol: string }) => void
  /** A text message. */
  readonly onMessage: (text: string) => void
  /**
   * The answer to a ping, where the platform shows it. A ping of the other side is none: it comes although
   * what we send is lost.
   */
  readonly onSign: () => void
  /**
   * The socket is gone, or never opened.
   *
   * - `code`: of the close frame; 1006 when there was none (RFC 6455 §7.1.5)
   * - `refusal`: the HTTP answer instead of a socket, where the platform shows it: it says why, and how
   *   long to wait
   * - `error`: why the connection failed, where it is known
   */
  readonly onClose: (end: WebSocketEnd) => void
}

/** How a socket ended. */
export interface WebSocketEnd {
  /** Of the close frame; 1006 when there was none (RFC 6455 §7.1.5). */
  readonly code: number
  /** What the other side said; empty where it said nothing. */
  readonly reason: string
  /** The HTTP answer that came in the place of a socket. */
  readonly refusal?: Response | undefined
  /** Why the connection failed, where it is known. */
  readonly error?: unknown
}

/** A socket that is open, or on the way. */
export interface WebSocketHandle {
  /** Bytes that were given to `send` and have not gone out yet. */
  readonly bufferedBytes: number
  /** Only when it is open. */
  send(text: string): void
  /** Starts the closing handshake. */
  close(code: number, reason: string): void
  /** Cuts the connection, without waiting for the other side; as well as the platform can. */
  terminate(): void
  /** Sends a ping frame, where the platform can. */
  ping?(): void
  /** Whether the open socket keeps the process alive, where the platform lets one choose; at first it does. */
  keepAlive?(alive: boolean): void
}

/**
 * What a platform has for WebSockets: `ws` in Node.js, the platform's own class elsewhere.
 *
 * The entries of the platforms pass in theirs; `createPlatform` of `./testing` has one that stays in the process.
 */
export interface WebSockets {
  /** Whether headers go along with the handshake. A browser has none (WHATWG WebSockets). */
  readonly takesHeaders: boolean
  /** Returns at once; what comes of it is told to `events`. */
  open(request: WebSocketRequest, events: WebSocketEvents): WebSocketHandle
}
