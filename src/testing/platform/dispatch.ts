import { json, noContent, withHeaders } from '../http/answers.ts'
import { parseBody } from '../http/body.ts'
import { judgeOrigin } from '../http/cors.ts'
import { errorAnswer } from '../http/envelopes.ts'
import type { Answer, ParsedBody, ServiceRequest } from '../http/exchange.ts'
import { findRoute } from '../http/router.ts'
import type { Hub } from '../realtime/hub.ts'
import type { World } from '../world/world.ts'
import { afterActing, type Outcome, withoutActing } from './fault-effects.ts'
import { type FaultAction, type FaultBook, isDelay } from './faults.ts'
import { isKnownOrigin, locate, type Place } from './locate.ts'
import type { RequestLog } from './request-log.ts'
import { createServices, type Service } from './services.ts'

/** Takes a request to its service, through the faults that were ordered for it. */
export type Dispatch = (request: ServiceRequest, signal?: AbortSignal) => Promise<Outcome>

const requestIdForm = /^[\w.:-]{1,128}$/

export function createDispatch(parts: {
  readonly world: World
  readonly log: RequestLog
  readonly faults: FaultBook
  readonly hub: Hub
}): Dispatch {
  const { world, log, faults, hub } = parts
  const services = createServices(world, hub)
  const { endpoints, wait } = world.settings

  return async (request, signal) => {
    const body = parseBody(request.text, request.headers.get('content-type'))
    const given = request.headers.get('x-request-id') ?? ''
    const requestId = requestIdForm.test(given) ? given : crypto.randomUUID()
    const place = locate(endpoints, request.url)
    const { pathname } = request.url
    const service = place?.service ?? 'unknown'
    const path = place?.path ?? pathname
    const progress = log.open({ request, body, service, path, requestId })

    const target = { service, method: request.method, path, fullPath: pathname }
    const actions = faults.take(target)
    for (const action of actions) {
      if (isDelay(action)) await wait(action.delayMs, signal)
    }
    // Who gave up while waiting has sent a request all the same, and the service acts on it.
    const action = actions.find((candidate) => !isDelay(candidate))
    const finish = (outcome: Outcome) => {
      progress.status = 'answer' in outcome ? outcome.answer.status : 0
      return outcome
    }

    const prevented = action === undefined ? undefined : withoutActing(action, { world, requestId })
    if (prevented !== undefined) return finish(prevented)
    if (place === undefined) {
      return isKnownOrigin(endpoints, request.url)
        ? finish({
            type: 'answer',
            answer: json(404, { error: 'Not found', code: 'ROUTE_NOT_FOUND' }),
          })
        : finish({ type: 'lost', reason: 'unknown-host' })
    }
    progress.acted = true
    const answer = await serve(world, {
      request,
      body,
      requestId,
      place,
      service: services[place.service],
      fault: action,
    })
    const complete = withHeaders(answer, {
      'x-request-id': requestId,
      date: new Date(world.clock.now()).toUTCString(),
    })
    return finish(afterActing(action, complete))
  }
}

async function serve(
  world: World,
  call: {
    readonly request: ServiceRequest
    readonly body: ParsedBody
    readonly requestId: string
    readonly place: Place
    readonly service: Service
    readonly fault: FaultAction | undefined
  },
): Promise<Answer> {
  const { request, body, requestId, place, service, fault } = call
  const cors = judgeOrigin({
    service: place.service,
    path: place.path,
    origin: request.headers.get('origin'),
    allowed: world.corsOrigins,
  })
  if (cors.refused) return json(500, { error: 'Internal server error', code: 'INTERNAL_ERROR' })
  if (request.method === 'OPTIONS') return noContent(cors.headers)

  const route = findRoute(service.routes, { method: request.method, path: place.path })
  const context = { requestId, now: world.clock.now() }
  const answer =
    route === undefined
      ? errorAnswer(
          service.envelope,
          { status: 404, message: 'Not found', code: 'ROUTE_NOT_FOUND' },
          context,
        )
      : await route.handler({
          request,
          path: place.path,
          params: route.params,
          query: request.url.searchParams,
          body,
          requestId,
          fault,
        })
  return withHeaders(request.method === 'HEAD' ? headOf(answer) : answer, cors.headers)
}

function headOf({ status, headers }: Answer): Answer {
  return { status, headers, body: '' }
}
