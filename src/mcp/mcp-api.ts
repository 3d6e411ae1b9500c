import type { McpContext } from './context.ts'
import { lazyEvents } from './events/lazy-events.ts'
import type { EventsOptions, McpEvent, NamedEvent } from './events/types.ts'
import { McpSocket } from './socket/socket.ts'
import type { McpSocketOptions } from './socket/types.ts'

/** `client.mcp`: MCP Core in real time, over the client's credentials. */
export class McpApi {
  readonly #context: () => Promise<McpContext>

  /** @internal */
  constructor(context: () => Promise<McpContext>) {
    this.#context = context
  }

  /**
   * JSON-RPC over a WebSocket that signs itself in and stays up. It connects on first use; close it when
   * it is needed no more.
   *
   * A browser's sockets take no headers: there `strategy` has to be said, as far as the service takes one
   * of the others.
   */
  socket(options: McpSocketOptions = {}): McpSocket {
    return new McpSocket(this.#context, options)
  }

  /**
   * What happens at MCP Core, as it happens (server-sent events). It returns at once; each `for await`
   * over it opens a stream of its own, with its first event.
   *
   * A stream that ends, breaks or falls silent is replaced, with a credential as of then; what happened
   * in between is not delivered later, because no service keeps it. Greetings and heartbeats are not
   * shown. Leaving the loop cuts the request. A consumer that takes its time holds back the service,
   * and no more is kept here than one piece of the stream.
   *
   * `event.type` is the name of the server-sent event; `message`, where it has none, is a notification
   * of JSON-RPC. The names that this version knows narrow `event`; name others that you wait for in
   * the type argument. `event.data` is the parsed JSON.
   *
   * @throws AuthError from the loop: `login_required`, `session_expired`, `api_key_expired`, …: nobody is
   * signed in any more; `forbidden`, `not_found`, `invalid_response`: this service has no events for this
   * account; `validation_failed`; `aborted`. Failures that pass are waited for: see `onState`, `maxRetries`
   *
   * @example
   * ```ts
   * import { createClient } from '@lanonasis/auth-client/node'
   *
   * const lanonasis = createClient()
   * for await (const event of lanonasis.mcp.events<'team.joined'>()) {
   *   switch (event.type) {
   *     case 'memory.created':
   *       console.log('A new memory', event.data.id)
   *       break
   *     case 'message':
   *       console.log('A notification', event.data.method)
   *       break
   *     case 'team.joined':
   *       console.log('Not known to this version', event.data)
   *   }
   * }
   * ```
   */
  events<Name extends string = never>(
    options: EventsOptions = {},
  ): AsyncIterable<McpEvent | NamedEvent<Name>> {
    return lazyEvents(this.#context, options)
  }
}
