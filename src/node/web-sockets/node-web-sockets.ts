import type { Env } from '../../endpoints/resolve.ts'
import type { WebSockets } from '../../mcp/web-socket.ts'
import { proxySettings } from '../proxy/settings.ts'
import { wsSockets } from './ws-sockets.ts'

/**
 * The sockets of `createClient`, for a client that was made otherwise: an `AuthClient` for another
 * authorization server takes them as its option `webSocket`.
 *
 * They send headers with the handshake, and go through the proxies that `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY` name in `env`; default `process.env`. Where one of them is no address of a proxy, opening a
 * socket fails with `config_invalid`.
 *
 * @example
 * ```ts
 * import { AuthClient } from '@lanonasis/auth-client'
 * import { nodeWebSockets } from '@lanonasis/auth-client/node'
 *
 * const client = new AuthClient({
 *   clientId: 'my-app',
 *   issuer: 'https://id.example.com',
 *   webSocket: nodeWebSockets(),
 * })
 * ```
 */
export function nodeWebSockets({ env = process.env }: { readonly env?: Env } = {}): WebSockets {
  return wsSockets(() => proxySettings(env))
}
