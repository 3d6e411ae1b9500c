import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { CertificateFacts } from '../../doctor/platform.ts'

/**
 * The certificate that a service shows, trusted or not: the handshake is made and nothing is sent.
 *
 * @throws the system's error, when there is no connection
 */
export function certificateOf(
  url: URL,
  { signal }: { readonly signal: AbortSignal },
): Promise<CertificateFacts | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({
      host,
      port: Number(url.port) || 443,
      // A name only (RFC 6066 §3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
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
