import { errorAnswer } from '../../http/envelopes.ts'
import type { Answer, Call, Route } from '../../http/exchange.ts'
import { hasQueryCredential } from '../../http/query-credential.ts'
import { unauthorized } from '../../memory/routes.ts'
import { judgeRequest } from '../../world/credentials.ts'
import type { Hub } from '../hub.ts'
import { openStream } from './session.ts'

/** MCP Core's events, for a key or a bearer token in a header. `Last-Event-ID` is not looked at (★28). */
export function streamRoute(hub: Hub): Route {
  return { method: 'GET', path: '', handler: (call) => open(hub, call) }
}

async function open(hub: Hub, { request, requestId, fault }: Call): Promise<Answer> {
  const { world } = hub
  const { headers, url } = request
  const judgement = await judgeRequest(world, headers, { first: 'api-key', acceptHash: false })
  if (!judgement.ok || hasQueryCredential(url)) {
    return errorAnswer('edge', unauthorized, { requestId, now: world.clock.now() })
  }
  const { user } = judgement.identity
  return {
    status: 200,
    headers: [
      ['content-type', 'text/event-stream'],
      ['cache-control', 'no-cache, no-transform'],
      // Or nginx keeps the events until there are enough of them.
      ['x-accel-buffering', 'no'],
    ],
    body: '',
    ongoing: {
      type: 'stream',
      open: (peer) => openStream(hub, { user, fault, peer, requestId }),
    },
  }
}
