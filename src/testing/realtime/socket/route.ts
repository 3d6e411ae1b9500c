import { json } from '../../http/answers.ts'
import { errorAnswer } from '../../http/envelopes.ts'
import type { Answer, Call, Route } from '../../http/exchange.ts'
import { unauthorized } from '../../memory/routes.ts'
import type { Hub } from '../hub.ts'
import { admitHandshake, chooseProtocol } from './admission.ts'
import { openSocket } from './session.ts'

/** MCP Core's WebSocket: a bad credential is taken in and shown the door afterwards (★27). */
export function socketRoute(hub: Hub): Route {
  return { method: 'GET', path: '', handler: (call) => handshake(hub, call) }
}

async function handshake(hub: Hub, { request, requestId, fault }: Call): Promise<Answer> {
  const { world } = hub
  const { realtime } = world.settings
  const { headers } = request
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    const error = { error: 'This is a WebSocket', code: 'UPGRADE_REQUIRED', request_id: requestId }
    return json(426, error, { upgrade: 'websocket' })
  }
  const origin = headers.get('origin')
  if (origin !== null && !(realtime.socketOrigins?.includes(origin) ?? true)) {
    return json(403, { error: 'Origin not allowed', code: 'ORIGIN_NOT_ALLOWED' })
  }
  const admission = await admitHandshake(world, request)
  if (admission.type === 'refused' && realtime.refusal === 401) {
    return errorAnswer('edge', unauthorized, { requestId, now: world.clock.now() })
  }
  return {
    status: 101,
    headers: [],
    body: '',
    ongoing: {
      type: 'socket',
      protocol: chooseProtocol(world, headers),
      open: (peer) => openSocket(hub, { admission, fault, peer, requestId }),
    },
  }
}
