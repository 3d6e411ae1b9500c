import { json } from '../http/answers.ts'
import { hasFields } from '../http/body.ts'
import { type Envelope, errorAnswer, type ServiceError } from '../http/envelopes.ts'
import type { Answer, Call, Route } from '../http/exchange.ts'
import { bearerOf, type Identity, judgeBearer } from '../world/credentials.ts'
import type { World } from '../world/world.ts'
import { keyRequest } from './key-request.ts'
import type { ApiKeyRecord } from './key-store.ts'
import { describeKey, describeNewKey } from './shapes.ts'

const savedOnce = 'Save the key value - it will not be shown again.'
const notFound: ServiceError = { status: 404, message: 'API key not found', code: 'KEY_NOT_FOUND' }

/** Key management, for a bearer token only, wherever it is mounted (CONTRACT §4). */
export function apiKeyRoutes(
  world: World,
  { prefix, envelope }: { readonly prefix: string; readonly envelope: Envelope },
): readonly Route[] {
  const fail = (call: Call, error: ServiceError) =>
    errorAnswer(envelope, error, { requestId: call.requestId, now: world.clock.now() })

  const route = (
    method: string,
    path: string,
    handle: (call: Call, owner: Identity) => Answer | Promise<Answer>,
  ): Route => ({
    method,
    path: `${prefix}${path}`,
    handler(call) {
      // ★19: a body has to be there even where it says nothing.
      if (method === 'POST' && !hasFields(call.body)) {
        const message = 'Request body is required'
        return fail(call, { status: 400, message, code: 'INVALID_BODY' })
      }
      const judgement = judgeBearer(world, bearerOf(call.request.headers))
      if (judgement.ok) return handle(call, judgement.identity)
      // ★24: whatever is wrong with the token, none is said to have been sent.
      return fail(call, { status: 401, message: 'No token provided', code: 'AUTH_TOKEN_MISSING' })
    },
  })

  const withKey =
    (handle: (record: ApiKeyRecord, call: Call) => Answer | Promise<Answer>) =>
    (call: Call, owner: Identity) => {
      const record = world.keys.get(call.params.id ?? '', owner.user.id)
      return record === undefined ? fail(call, notFound) : handle(record, call)
    }

  return [
    route('GET', '', (_call, owner) => {
      const own = world.keys.all.filter((record) => record.userId === owner.user.id)
      return json(200, { success: true, data: own.map(describeKey) })
    }),
    route('POST', '', async (call, owner) => {
      const request = keyRequest(world, { body: call.body, owner })
      if ('status' in request) return fail(call, request)
      const issued = await world.keys.create(request)
      return json(201, {
        success: true,
        data: describeNewKey(issued),
        message: `API key created successfully. ${savedOnce}`,
      })
    }),
    route(
      'GET',
      '/:id',
      withKey((record) => json(200, { success: true, data: describeKey(record) })),
    ),
    route(
      'POST',
      '/:id/rotate',
      withKey(async (record) => {
        return json(200, {
          success: true,
          data: describeNewKey(await world.keys.rotate(record)),
          message: `API key rotated successfully. ${savedOnce}`,
        })
      }),
    ),
    route(
      'POST',
      '/:id/revoke',
      withKey((record) => {
        record.active = false
        return json(200, { success: true, message: 'API key revoked successfully' })
      }),
    ),
    route(
      'DELETE',
      '/:id',
      withKey((record) => {
        world.keys.delete(record)
        return json(200, { success: true, message: 'API key deleted successfully' })
      }),
    ),
  ]
}
