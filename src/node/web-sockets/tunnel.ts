import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect } from 'node:tls'

/**
 * A way to `target` through a proxy: a tunnel that the proxy cannot look into (RFC 9110 §9.3.6).
 *
 * undici, which does this for requests, gives no connection away that `ws` could use; with Node's own
 * request it is the one method CONNECT.
 *
 * @throws Error as the connection to the proxy, or `ERR_PROXY_REFUSED` with the proxy's status
 */
export async function tunnel(
  proxy: URL,
  { target, signal }: { readonly target: URL; readonly signal: AbortSignal },
): Promise<Socket> {
  const isSecure = target.protocol === 'wss:'
  const authority = `${target.hostname}:${target.port || (isSecure ? 443 : 80)}`
  const socket = await connectThrough(proxy, { authority, signal })
  if (!isSecure) return socket
  const host = target.hostname.replace(/^\[|\]$/g, '')
  // TLS has no server names for addresses (RFC 6066 §3); it is the address that is checked then.
  return connect({ socket, host, servername: isIP(host) === 0 ? host : '' })
}

function connectThrough(
  proxy: URL,
  { authority, signal }: { readonly authority: string; readonly signal: AbortSignal },
): Promise<Socket> {
  const { username, password } = proxy
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port,
      path: authority,
      headers: {
        host: authority,
        ...(user === ':'
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }),
      },
      // A connection of its own: it is not given back.
      agent: false,
      signal,
    })
    asked.on('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      if (statusCode >= 200 && statusCode < 300) {
        // The server speaks first only when it is no TLS server.
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      } else {
        socket.destroy()
        reject(refused(statusCode))
      }
    })
    // Some proxies answer a CONNECT that they refuse like any other request.
    asked.on('response', ({ statusCode = 0 }) => {
      asked.destroy()
      reject(refused(statusCode))
    })
    asked.on('error', reject)
    asked.end()
  })
}

function refused(status: number): Error {
  return Object.assign(new Error('The proxy refused.'), { code: `ERR_PROXY_REFUSED_${status}` })
}
