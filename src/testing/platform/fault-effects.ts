import { withHeaders } from '../http/answers.ts'
import { errorAnswer } from '../http/envelopes.ts'
import type { Answer } from '../http/exchange.ts'
import { unauthorized } from '../memory/routes.ts'
import type { World } from '../world/world.ts'
import type { FaultAction } from './faults.ts'
import type { LostReason } from './lost.ts'

/** What reaches the client. */
export type Outcome =
  | { readonly type: 'answer'; readonly answer: Answer }
  /** The head and half of the body, then nothing. */
  | { readonly type: 'cut'; readonly answer: Answer }
  | { readonly type: 'lost'; readonly reason: LostReason }
  | { readonly type: 'hang' }

/** What a fault does in place of the service; undefined where the service acts. */
export function withoutActing(
  action: FaultAction,
  { world, requestId }: { readonly world: World; readonly requestId: string },
): Outcome | undefined {
  switch (action) {
    case 'refuse':
      return { type: 'lost', reason: 'refused' }
    case 'drop':
      return { type: 'lost', reason: 'reset' }
    case 'hang':
      return { type: 'hang' }
    case 'html':
      return { type: 'answer', answer: proxyPage }
    case 'edge-401':
      return { type: 'answer', answer: edgeRefusal(world, requestId) }
    case 'lose-answer':
    case 'cut-answer':
    case 'silence':
    case 'lose-ack':
    case 'garbage':
      return undefined
  }
  if (!('status' in action)) return undefined
  return { type: 'answer', answer: orderedAnswer(action, requestId) }
}

/** What a fault leaves of the service's answer. */
export function afterActing(action: FaultAction | undefined, answer: Answer): Outcome {
  if (action === 'lose-answer') return { type: 'lost', reason: 'reset' }
  // A socket or a stream is cut later, by the service, in the middle of a message.
  const isCut = action === 'cut-answer' && answer.ongoing === undefined
  return { type: isCut ? 'cut' : 'answer', answer }
}

function edgeRefusal(world: World, requestId: string): Answer {
  const answer = errorAnswer('edge', unauthorized, { requestId, now: world.clock.now() })
  return withHeaders(answer, { 'x-request-id': requestId })
}

const proxyPage: Answer = {
  status: 502,
  headers: [['content-type', 'text/html']],
  body: [
    '<html>',
    '<head><title>502 Bad Gateway</title></head>',
    '<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>',
    '</html>',
  ].join('\r\n'),
}

function orderedAnswer(
  fault: {
    readonly status: number
    readonly body?: unknown
    readonly headers?: Readonly<Record<string, string>>
  },
  requestId: string,
): Answer {
  const { status, body, headers = {} } = fault
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  return {
    status,
    headers: [
      ...(given.has('content-type') || body === undefined ? [] : [['content-type', type] as const]),
      ...(given.has('x-request-id') ? [] : [['x-request-id', requestId] as const]),
      ...Object.entries(headers),
    ],
    body: body === undefined ? '' : isText ? body : JSON.stringify(body),
  }
}
