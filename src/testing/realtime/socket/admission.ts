import { fromBase64Url } from '../../../bytes/base64url.ts'
import { parseFields, textOf } from '../../../json/fields.ts'
import type { SocketStrategy } from '../../../mcp/connection/connection.ts'
import type { ServiceRequest } from '../../http/exchange.ts'
import { hasQueryCredential } from '../../http/query-credential.ts'
import {
  apiKeyOf,
  bearerOf,
  type Identity,
  judgeApiKey,
  judgeBearer,
  judgeRequest,
} from '../../world/credentials.ts'
import type { World } from '../../world/world.ts'

/** Whether a socket may be used. */
export type Admission =
  | { readonly type: 'admitted'; readonly identity: Identity; readonly strategy: SocketStrategy }
  /** The first message has to bring the credential. */
  | { readonly type: 'awaited' }
  | { readonly type: 'refused' }

const refused: Admission = { type: 'refused' }
const bearerProtocol = 'lanonasis.bearer.'

/** Judges a handshake. A credential in the URL is no credential (★6), whatever else comes along. */
export async function admitHandshake(world: World, request: ServiceRequest): Promise<Admission> {
  const { strategies } = world.settings.realtime
  const { headers, url } = request
  if (hasQueryCredential(url)) return refused
  const inHeader = bearerOf(headers) !== undefined || apiKeyOf(headers) !== undefined
  if (inHeader && strategies.includes('header')) {
    const judgement = await judgeRequest(world, headers, { first: 'api-key', acceptHash: false })
    return judgement.ok
      ? { type: 'admitted', identity: judgement.identity, strategy: 'header' }
      : refused
  }
  const offered = offeredProtocols(headers).find((name) => name.startsWith(bearerProtocol))
  if (offered !== undefined && strategies.includes('subprotocol')) {
    const bytes = fromBase64Url(offered.slice(bearerProtocol.length))
    const token = bytes === undefined ? undefined : new TextDecoder().decode(bytes)
    return judgeToken(world, { token, strategy: 'subprotocol' })
  }
  return strategies.includes('first-message') ? { type: 'awaited' } : refused
}

/** Judges a first message: `{"type":"auth","token"}`. */
export function admitMessage(world: World, text: string): Promise<Admission> {
  const { type, token } = parseFields(text)
  const given = type === 'auth' ? textOf(token) : undefined
  return judgeToken(world, { token: given, strategy: 'first-message' })
}

/**
 * The subprotocol to answer with. Deployments know none; a browser that offered some fails without one
 * (WHATWG WebSockets), so a server that takes the credential there has to say one back.
 */
export function chooseProtocol(world: World, headers: Headers): string | undefined {
  const offered = offeredProtocols(headers)
  const plain = offered.find((name) => name === 'mcp')
  if (plain !== undefined || !world.settings.realtime.strategies.includes('subprotocol'))
    return plain
  return offered[0]
}

function offeredProtocols(headers: Headers): readonly string[] {
  const list = headers.get('sec-websocket-protocol') ?? ''
  return list.split(',').flatMap((name) => name.trim() || [])
}

/** It may be an access token or a key: these two places do not say which. */
async function judgeToken(
  world: World,
  given: { readonly token: string | undefined; readonly strategy: SocketStrategy },
): Promise<Admission> {
  const { token, strategy } = given
  const bearer = judgeBearer(world, token)
  const judgement = bearer.ok ? bearer : await judgeApiKey(world, token, { acceptHash: false })
  return judgement.ok ? { type: 'admitted', identity: judgement.identity, strategy } : refused
}
