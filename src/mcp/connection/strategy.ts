import { toBase64Url } from '../../bytes/base64url.ts'
import { AuthError } from '../../errors/auth-error.ts'
import type { HandshakeCredential } from '../context.ts'
import type { SocketStrategy } from './connection.ts'

/** What goes out to open a socket, with the credential in it. */
export interface Handshake {
  readonly headers: Readonly<Record<string, string>>
  readonly protocols: readonly string[]
  /** Sent as soon as the socket is open, before an ack: the ack is the answer to it. */
  readonly firstMessage: string | undefined
}

/**
 * @throws AuthError `config_invalid` where the platform cannot do what is asked, or what to do has to be said
 */
export function chooseStrategy(
  strategy: SocketStrategy | undefined,
  { takesHeaders }: { readonly takesHeaders: boolean },
): SocketStrategy {
  if (takesHeaders) return strategy ?? 'header'
  if (strategy === 'first-message' || strategy === 'subprotocol') return strategy
  throw new AuthError(
    'config_invalid',
    'Sockets take no headers here, and no other way for the credential was named.',
    {
      hint: "Use client.mcp.events(), which needs none; or set strategy to 'first-message' or 'subprotocol' if the service takes it.",
    },
  )
}

export function handshake(
  strategy: SocketStrategy,
  {
    credential: { type, secret },
    headers,
    protocols,
  }: HandshakeCredential & { readonly protocols: readonly string[] },
): Handshake {
  const plain = { headers, protocols, firstMessage: undefined }
  switch (strategy) {
    case 'header': {
      const own =
        type === 'bearer'
          ? { authorization: `Bearer ${secret.reveal()}` }
          : { 'x-api-key': secret.reveal() }
      return { ...plain, headers: { ...headers, ...own } }
    }
    case 'first-message':
      return { ...plain, firstMessage: JSON.stringify({ type: 'auth', token: secret.reveal() }) }
    case 'subprotocol': {
      const token = toBase64Url(new TextEncoder().encode(secret.reveal()))
      return { ...plain, protocols: [...protocols, `lanonasis.bearer.${token}`] }
    }
  }
}
