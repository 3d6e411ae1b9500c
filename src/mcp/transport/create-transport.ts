import { AuthError } from '../../errors/auth-error.ts'
import { loadPart } from '../../errors/load-part.ts'
import type { ConnectionContext } from '../context.ts'
import { LazyTransport, type OpenFunction } from './lazy-transport.ts'
import type { McpTransport } from './mcp-transport.ts'
import type { McpTransportKind, McpTransportOptions } from './options.ts'

/** What a transport is made from. */
export interface TransportParts {
  readonly context: () => Promise<ConnectionContext>
  /** Where it leads when the caller does not say; without it, the caller has to. */
  readonly defaultUrl?: () => Promise<URL>
}

/** Makes the connection of one kind; loaded on first use. */
type Opener<Kind extends McpTransportKind> = (
  options: McpTransportOptions[Kind],
  url: () => Promise<URL>,
) => OpenFunction

const openers: { readonly [Kind in McpTransportKind]: Opener<Kind> } = {
  http: (options, url) => async (context, events, signal) => {
    const { openHttp } = await loadPart(import('./open-http.ts'))
    return openHttp(context, { events, signal, options, url: await url() })
  },
  sse: (options, url) => async (context, events, signal) => {
    const { openSse } = await loadPart(import('./open-sse.ts'))
    return openSse(context, { events, signal, options, url: await url() })
  },
  ws: (options, url) => async (context, events, signal) => {
    const { openWebSocket } = await loadPart(import('./open-web-socket.ts'))
    return openWebSocket(context, { events, signal, options, url: await url() })
  },
}

/** @throws AuthError `config_invalid` when what is wrong can be seen before anything is sent */
export function createTransport<Kind extends McpTransportKind>(
  kind: Kind,
  options: McpTransportOptions[Kind],
  { context, defaultUrl }: TransportParts,
): McpTransport {
  if (!Object.hasOwn(openers, kind)) {
    throw new AuthError('config_invalid', 'There is no such kind of transport.', {
      hint: `The kinds are ${Object.keys(openers).join(', ')}.`,
    })
  }
  const url = urlOf(kind, options.url, defaultUrl)
  const sessionId = 'sessionId' in options ? options.sessionId : undefined
  return new LazyTransport({ context, open: openers[kind](options, url), sessionId })
}

function urlOf(
  kind: McpTransportKind,
  given: string | URL | undefined,
  defaultUrl: TransportParts['defaultUrl'],
): () => Promise<URL> {
  if (given === undefined && defaultUrl !== undefined) return defaultUrl
  const url = parseUrl(given ?? '', kind)
  return async () => url
}

/** The policy decides later where a credential may go; here is seen what can be no server at all. */
function parseUrl(text: string | URL, kind: McpTransportKind): URL {
  const protocols = kind === 'ws' ? ['wss:', 'ws:'] : ['https:', 'http:']
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && protocols.includes(url.protocol)) return url
  throw new AuthError('config_invalid', `The url of the transport is not one for ${kind}.`, {
    hint: `Pass an absolute URL that starts with ${protocols[0]}//.`,
  })
}
