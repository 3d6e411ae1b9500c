import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { CertificateFacts } from '../../doctor/platform.ts'
import { proxyFor } from '../proxy/proxy-for.ts'
import type { ProxySettings } from '../proxy/settings.ts'
import { connectThrough } from '../web-sockets/tunnel.ts'

/**
 * The certificate that a service shows, trusted or not: the handshake is made and nothing is sent. It
 * goes the way that requests go.
 *
 * @throws the system's error, when there is no connection
 */
export async function certificateOf(
  url: URL,
  {
    signal,
    proxies,
  }: { readonly signal: AbortSignal; readonly proxies: ProxySettings | undefined },
): Promise<CertificateFacts | undefined> {
  signal.throwIfAborted()
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || 443
  const proxy = proxyFor(url, proxies)
  const way = proxy && (await connectThrough(proxy, { authority: `${host}:${port}`, signal }))
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      ...(way === undefined ? { port } : { socket: way }),
      // A name only (RFC 6066 §3).
      servername: isIP(host) === 0 ? host : '',
      // To see what a bad one is like. Nothing goes over this connection.
      rejectUnauthorized: false,
    })
    const end = () => socket.destroy()
    signal.addEventListener('abort', end, { once: true })
    socket.once('secureConnect', () => {
      resolve(factsOf(socket))
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      signal.removeEventListener('abort', end)
      reject(new Error('The connection was closed.'))
    })
  })
}

function factsOf(socket: TLSSocket): CertificateFacts | undefined {
  const { valid_from, valid_to } = socket.getPeerCertificate()
  const [validFrom, validTo] = [Date.parse(valid_from), Date.parse(valid_to)]
  if (Number.isNaN(validFrom) || Number.isNaN(validTo)) return undefined
  return { validFrom, validTo, problem: socket.authorized ? undefined : problemOf(socket) }
}

/** Declared as an error, and in fact its code in some versions. */
function problemOf({ authorizationError }: { readonly authorizationError: unknown }): string {
  if (typeof authorizationError === 'string') return authorizationError
  const code =
    authorizationError instanceof Error && 'code' in authorizationError
      ? authorizationError.code
      : undefined
  return typeof code === 'string' ? code : 'UNTRUSTED'
}
