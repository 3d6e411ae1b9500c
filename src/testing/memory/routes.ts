import { type Envelope, errorAnswer, type ServiceError } from '../http/envelopes.ts'
import type { Answer, Call, Route } from '../http/exchange.ts'
import type { Generation } from '../platform/options.ts'
import { hasScope, type Identity, judgeRequest } from '../world/credentials.ts'
import type { World } from '../world/world.ts'
import {
  type PageRequest,
  parseChanges,
  parseCreation,
  parseListing,
  parseSearch,
} from './memory-request.ts'
import type { StoredMemory } from './memory-store.ts'
import { memoryShapes } from './shapes.ts'

/** The edge's refusal, which does not say of what: the credential may be good (★23). */
export const unauthorized: ServiceError = {
  status: 401,
  message: 'Authentication required',
  code: 'UNAUTHORIZED',
}
const notFound: ServiceError = { status: 404, message: 'Memory not found', code: 'NOT_FOUND' }

/** The memory routes below one path, for a key or a bearer token (CONTRACT §5). */
export function memoryRoutes(
  world: World,
  options: {
    readonly prefix: string
    readonly envelope: Envelope
    readonly generation: Generation
  },
): readonly Route[] {
  const { prefix, envelope, generation } = options
  const shapes = memoryShapes(generation)
  const fail = (call: Call, error: ServiceError) =>
    errorAnswer(envelope, error, { requestId: call.requestId, now: world.clock.now() })

  const route = (
    method: string,
    path: string,
    handle: (call: Call, caller: Identity) => Answer,
  ): Route => ({
    method,
    path: `${prefix}${path}`,
    async handler(call) {
      const { headers } = call.request
      const judgement = await judgeRequest(world, headers, { first: 'api-key', acceptHash: false })
      if (!judgement.ok) return fail(call, unauthorized)
      const { identity } = judgement
      if (identity.user.organizationId === undefined) return fail(call, unauthorized)
      const reads = method === 'GET' || path === '/search'
      const scope = reads ? 'memories:read' : 'memories:write'
      if (!hasScope(identity, scope)) {
        const details = { required: [scope], provided: identity.scopes }
        const message = 'Insufficient scope'
        return fail(call, { status: 403, message, code: 'SCOPE_INSUFFICIENT', details })
      }
      return handle(call, identity)
    },
  })

  const withMemory =
    (handle: (memory: StoredMemory, call: Call) => Answer) => (call: Call, caller: Identity) => {
      const memory = world.memories.get(call.params.id ?? '', caller.user.id)
      return memory === undefined ? fail(call, notFound) : handle(memory, call)
    }

  const page = (caller: Identity, { limit, offset, ...filter }: PageRequest) => {
    const found = world.memories.select(caller.user.id, filter)
    const memories = found.slice(offset, offset + limit)
    return shapes.page({ memories, total: found.length, limit, offset })
  }

  return [
    route('GET', '', (call, caller) => {
      const parsed = parseListing(call.query, generation)
      return 'error' in parsed ? fail(call, parsed.error) : page(caller, parsed.value)
    }),
    route('POST', '', (call, caller) => {
      const parsed = parseCreation(call.body, generation)
      if ('error' in parsed) return fail(call, parsed.error)
      return shapes.one(201, world.memories.create(caller.user, parsed.value))
    }),
    route('POST', '/search', (call, caller) => {
      const parsed = parseSearch(call.body, generation)
      return 'error' in parsed ? fail(call, parsed.error) : page(caller, parsed.value)
    }),
    route('GET', '/stats', (_call, caller) =>
      shapes.stats(world.memories.select(caller.user.id, {})),
    ),
    route(
      'GET',
      '/:id',
      withMemory((memory) => shapes.one(200, memory)),
    ),
    route(
      'PUT',
      '/:id',
      withMemory((memory, call) => {
        const parsed = parseChanges(call.body, generation)
        if ('error' in parsed) return fail(call, parsed.error)
        return shapes.one(200, world.memories.update(memory, parsed.value))
      }),
    ),
    route(
      'DELETE',
      '/:id',
      withMemory((memory) => {
        world.memories.delete(memory)
        return shapes.deleted(memory)
      }),
    ),
  ]
}
