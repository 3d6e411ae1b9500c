import type { Endpoints } from '../endpoints/presets.ts'
import type { AuthError } from '../errors/auth-error.ts'
import type { Credential, RefusalVerdict } from '../http/credentialed-fetch.ts'
import type { RequestEvent } from '../http/request-event.ts'
import type { Fetch } from '../http/transport.ts'
import type { WebSockets } from './web-socket.ts'

/** What a handshake carries. */
export interface HandshakeCredential {
  readonly credential: Credential
  /** Headers besides the credential, where the service takes them. */
  readonly headers: Readonly<Record<string, string>>
}

/** What sockets, streams and transports need of the client, whichever server they lead to. */
export interface ConnectionContext {
  /** Adds the one credential, looks into a 401, reports the request: `client.fetch`. */
  readonly fetch: Fetch
  /** The same without a time limit, for answers that begin when the work is done: their caller has one. */
  readonly patientFetch: Fetch
  readonly webSockets: WebSockets | undefined
  /** Whether a page's rules hold: CORS, and no headers on a socket. */
  readonly browser: boolean
  readonly timeoutMs: number
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  /**
   * The one credential for a URL, as of now: the session is renewed where that is needed.
   *
   * @throws AuthError `login_required`, `session_expired`, `origin_not_allowed`, …
   */
  readonly credentialFor: (
    url: URL,
    signal: AbortSignal | undefined,
  ) => Promise<HandshakeCredential>
  /**
   * What it means that a service refused a credential in another way than by HTTP 401 (★27). It
   * takes one look at whether the credential is good still, as for a 401.
   *
   * @throws AuthError when there is no credential any more
   */
  readonly judge: (refused: {
    readonly credential: Credential
    readonly url: URL
    readonly signal: AbortSignal | undefined
  }) => Promise<RefusalVerdict>
  /**
   * Calls `listener` when a connection that is open must not go on in the name it was opened in: the person
   * has signed out (`login_required`), or another person or another key is in their place (retryable: a new
   * connection has that). A renewed token is no such thing. Returns how to stop.
   */
  readonly onSignOut: (
    credential: Pick<Credential, 'type'>,
    listener: (why: AuthError) => void,
  ) => () => void
  /** Tells the listeners of `request`. */
  readonly report: (event: RequestEvent) => void
  /** Fires when the client is closed. */
  readonly closing: AbortSignal
}

/** The same, and where the Lanonasis services are. */
export interface McpContext extends ConnectionContext {
  readonly endpoints: Endpoints
}
