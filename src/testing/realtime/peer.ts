/** How a connection ended: the code of the close frame, 1006 where there was none, 1000 for the end of a stream. */
export interface ConnectionEnd {
  /** Of RFC 6455 §7.4. */
  readonly code: number
  /** May be empty. */
  readonly reason: string
}

/** The other side of a connection, as a service sees it: the same over a network and within the process. */
export interface Peer {
  /** Resolves when it has gone out, or cannot any more. */
  send(text: string): Promise<void>
  /** Ends it in order. */
  close(code: number, reason: string): void
  /** Loses the connection, after half of `text` where that is given. */
  cut(text?: string): void
  /** A ping frame; streams have none. */
  ping(): void
  /** From here on nothing is heard and nothing answered, by the protocol itself neither. */
  silence(): void
}

/** What a peer tells. Nothing comes after `onGone`. */
export interface PeerListener {
  onMessage(text: string): void
  onGone(end: ConnectionEnd): void
}

/** What goes on after the head of an answer was sent. */
export type Ongoing = {
  /** Called when the other side has the head. */
  open(peer: Peer): PeerListener
} & (
  | { readonly type: 'stream' }
  | { readonly type: 'socket'; readonly protocol: string | undefined }
)
