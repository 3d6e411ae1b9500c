import {
  type AuthError,
  type Fetch,
  isAuthError,
  LanonasisClient,
  memoryStore,
} from '@lanonasis/auth-client'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { apiKey, epoch, jwtTokens, lifeMs, opaqueTokens } from './clients.ts'

/** How often each kind of call is answered with something that nobody has thought of. */
const runs = 3000
const timeLimitMs = 60_000
const startTimer = globalThis.setTimeout

beforeAll(() => {
  // No wait between two requests takes any time; the time limits of requests stay as they are.
  const quick = (run: () => void, ms = 0) => startTimer(run, ms <= 20_000 ? 0 : ms)
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(quick as typeof setTimeout)
})

afterAll(() => vi.restoreAllMocks())

/** Names that mean something to one of the services, or to JavaScript. */
const names = [
  ...['data', 'memories', 'memory', 'results', 'items', 'stats', 'keys', 'success', '__proto__'],
  ...['pagination', 'total', 'limit', 'offset', 'page', 'pages', 'has_next', 'has_more', 'count'],
  ...['id', 'title', 'content', 'memory_type', 'type', 'tags', 'metadata', 'created_at', 'score'],
  ...[
    'key',
    'key_id',
    'key_secret',
    'name',
    'is_active',
    'permissions',
    'expires_at',
    'updated_at',
  ],
  ...['access_token', 'refresh_token', 'expires_in', 'token_type', 'scope', 'constructor'],
  ...['active', 'exp', 'iat', 'client_id', 'sub', 'valid', 'identity', 'total_memories', 'by_type'],
  ...['error', 'code', 'message', 'error_description', 'retryAfter', 'retry_after', 'request_id'],
]

/** Values that mean something in one of those fields. */
const values = [
  ...['invalid_grant', 'INVALID_REFRESH_TOKEN', 'KEY_EXISTS', 'expired_credential', 'toString'],
  ...['invalid_credential', 'AUTH_TOKEN_MISSING', '15 minutes', 'Bearer', 'yesterday', ''],
  ...['2026-05-01T00:00:00.000Z', `lano_${'a'.repeat(64)}`, 'pk_a1', 'sk_b2', 'pk_a1.sk_b2'],
  ...['B'.repeat(64), 'a.b.c', 'm1', '900'],
]

const { tree } = fc.letrec<{ tree: unknown; object: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...values),
    fc.constantFrom(0, 1, -1, 0.5, 900, 1e308, 1_780_272_000, 2 ** 53, true, false, null),
    tie('object'),
    tie('object'),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 6 }),
}))

const json = fc.oneof(
  tree.map((value) => JSON.stringify(value)),
  fc.json(),
)

const body = fc.oneof(
  { weight: 6, arbitrary: json },
  {
    weight: 2,
    arbitrary: fc
      .tuple(json, fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([text, part]) => text.slice(0, Math.floor(text.length * part))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '<!doctype html><title>502</title>',
      'Bad gateway',
      '[1e999]',
      '{"total":1e999,"items":[]}',
      '\ufeff{"data":[]}',
      '42',
      '"text"',
      'null',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)

const wait = fc.oneof(
  fc.constantFrom('0', '1', '42', '-1', '1.5', '1e3', '999999999999999999999', 'soon', 'NaN', ''),
  fc.constantFrom('Mon, 01 Jun 2026 00:00:05 GMT', 'Mon, 01 Jun 2099 00:00:00 GMT', '2026'),
  fc.nat({ max: 2_000_000_000 }).map(String),
)

const headers = fc.record(
  {
    'retry-after': wait,
    'ratelimit-reset': wait,
    'x-ratelimit-reset': wait,
    'x-request-id': fc.constantFrom('req-1', ' ', '"<script>', 'x'.repeat(200)),
    'content-type': fc.constantFrom('application/json', 'text/html', 'nonsense'),
    location: fc.constantFrom('/', '', 'https://evil.example.com/', '//', ':', '/api/v1/memory'),
  },
  { requiredKeys: [] },
)

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const status = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(200, 201) },
  { weight: 2, arbitrary: fc.constantFrom(204, 400, 401, 403, 404, 409, 429, 500, 502, 503) },
  { weight: 2, arbitrary: fc.integer({ min: 200, max: 599 }) },
)

/** Answers of one call, in turn; the last one goes on for ever. */
const answers: fc.Arbitrary<readonly Answer[]> = fc.array(fc.record({ status, body, headers }), {
  minLength: 1,
  maxLength: 4,
})

const noBody = new Set([204, 205, 304])
const maximalRequests = 200

/** A network on which nothing is as expected. */
function network(script: readonly Answer[]): Fetch {
  let asked = 0
  return async () => {
    const answer = script[Math.min(asked, script.length - 1)]
    asked += 1
    if (answer === undefined || asked > maximalRequests) throw new Error('This goes on for ever.')
    const { status, body, headers } = answer
    return new Response(noBody.has(status) ? null : body, { status, headers })
  }
}

const text = z.string().min(1)
const fields = z.record(z.string(), z.unknown())
const count = z.number().int().nonnegative()

const memory = z.strictObject({
  id: text,
  title: z.string(),
  content: z.string(),
  type: z.string(),
  tags: z.array(z.string()),
  metadata: fields,
  createdAt: z.date().optional(),
  updatedAt: z.date().optional(),
  raw: fields,
})
const page = z.strictObject({
  items: z.array(memory.extend({ score: z.number().optional() })),
  total: count.optional(),
  limit: count,
  offset: count,
  hasMore: z.boolean(),
})
const stats = z.strictObject({
  total: z.number(),
  byType: z.record(z.string(), z.number()),
  raw: fields,
})
const keyRecord = z.strictObject({
  id: text,
  name: z.string(),
  active: z.boolean(),
  accessLevel: z.string().optional(),
  permissions: z.array(z.string()).optional(),
  description: z.string().optional(),
  createdAt: z.date().optional(),
  expiresAt: z.date().optional(),
  publicId: text.optional(),
})
const kind = z.enum(['pk', 'lano', 'vx', 'lns', 'lms', 'vibe', 'master'])
const ensured = z.strictObject({
  publicId: text,
  kind,
  id: text.optional(),
  name: z.string().optional(),
  created: z.boolean(),
})
const introspection = z.strictObject({
  active: z.boolean(),
  clientId: z.string().optional(),
  userId: z.string().optional(),
  scope: z.string().optional(),
  tokenType: z.string().optional(),
  expiresAt: z.number().optional(),
  issuedAt: z.number().optional(),
  subject: z.string().optional(),
  email: z.string().optional(),
})
const session = z.strictObject({
  status: z.literal('signed-in'),
  tokenKind: z.enum(['opaque', 'jwt']),
  expiresAt: z.number().optional(),
  scope: z.string().optional(),
  legacy: z.boolean(),
  apiKey: z.strictObject({ publicId: text, kind }).optional(),
  degraded: z.strictObject({ code: z.string(), since: z.number() }).optional(),
})
const nothing = z.undefined()
const created = z.custom<unknown>((value) => {
  const { key } = z.object({ key: text }).parse(value)
  keyRecord.extend({ publicId: text, kind, key: text.optional() }).parse({ ...Object(value) })
  return key.length > 8
})

interface Call {
  readonly name: string
  readonly call: (client: LanonasisClient) => PromiseLike<unknown>
  /** What the type promises of the value. */
  readonly value: z.ZodType
}

const calls: readonly Call[] = [
  { name: 'memory.list()', call: ({ memory }) => memory.list(), value: page },
  {
    name: 'memory.list({ limit, offset })',
    call: ({ memory }) => memory.list({ limit: 2, offset: 3 }),
    value: page,
  },
  { name: 'memory.search()', call: ({ memory }) => memory.search({ query: 'q' }), value: page },
  {
    name: 'for await (… of memory.list())',
    call: async (client) => {
      const items: unknown[] = []
      for await (const item of client.memory.list()) items.push(item)
      return items
    },
    value: z.array(memory),
  },
  { name: 'memory.get()', call: ({ memory }) => memory.get('m1'), value: memory },
  {
    name: 'memory.create()',
    call: (client) => client.memory.create({ title: 'T', content: 'C' }),
    value: memory,
  },
  {
    name: 'memory.update()',
    call: (client) => client.memory.update('m1', { title: 'T' }),
    value: memory,
  },
  { name: 'memory.delete()', call: (client) => client.memory.delete('m1'), value: nothing },
  { name: 'memory.stats()', call: (client) => client.memory.stats(), value: stats },
  { name: 'apiKeys.list()', call: ({ apiKeys }) => apiKeys.list(), value: z.array(keyRecord) },
  { name: 'apiKeys.get()', call: ({ apiKeys }) => apiKeys.get('k1'), value: keyRecord },
  {
    name: 'apiKeys.create()',
    call: ({ apiKeys }) => apiKeys.create({ name: 'x' }),
    value: created,
  },
  { name: 'apiKeys.rotate(id)', call: ({ apiKeys }) => apiKeys.rotate('k1'), value: created },
  { name: 'apiKeys.revoke()', call: ({ apiKeys }) => apiKeys.revoke('k1'), value: nothing },
  { name: 'apiKeys.delete()', call: ({ apiKeys }) => apiKeys.delete('k1'), value: nothing },
  {
    name: 'apiKeys.ensure()',
    call: ({ apiKeys }) => apiKeys.ensure({ name: 'x' }),
    value: ensured,
  },
  { name: 'introspect()', call: (client) => client.introspect(), value: introspection },
  { name: 'refresh()', call: (client) => client.refresh(), value: session },
  { name: 'getAccessToken()', call: (client) => client.getAccessToken(), value: text },
  {
    name: 'exchangeLegacyToken()',
    call: (client) => client.exchangeLegacyToken(),
    value: session.optional(),
  },
  {
    name: 'logout()',
    call: (client) => client.logout(),
    value: z.strictObject({ revoked: z.boolean(), reason: text.optional() }),
  },
]

/** What may be held when a call is made. */
const holdings = fc.record({
  tokens: fc.constantFrom(opaqueTokens, jwtTokens),
  key: fc.boolean(),
  /** Whether the access token has ended. */
  ended: fc.boolean(),
})

describe('whatever a service answers', () => {
  it.each(calls)(
    '$name gives what its type promises, or a typed error, and ends',
    async ({ name, call, value }) => {
      await fc.assert(
        fc.asyncProperty(answers, holdings, async (script, { tokens, key, ended }) => {
          const legacy = name.startsWith('exchange')
          const client = new LanonasisClient({
            clientId: 'lanonasis-cli',
            env: {},
            fetch: network(script),
            timeoutMs: timeLimitMs,
            now: () => (ended || name === 'getAccessToken()' ? epoch + lifeMs : epoch),
            store: memoryStore(
              legacy
                ? { legacyToken: 'legacy' }
                : { tokens, ...(key && !name.endsWith('ensure()') && { apiKey }) },
            ),
          })
          const outcome = await settled(call(client))
          client.close()
          if ('error' in outcome) expectTyped(outcome.error)
          else value.parse(outcome.value)
        }),
        { numRuns: runs },
      )
    },
    600_000,
  )
})

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** How a call has ended; a call that has not within a while is a failure of its own. */
function settled(call: PromiseLike<unknown>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const timer = startTimer(() => reject(new Error('It has not come to an end.')), 5_000)
    call
      .then(
        (value) => resolve({ value }),
        (error: unknown) => resolve({ error }),
      )
      .then(() => clearTimeout(timer))
  })
}

const wellFormed = z.object({
  code: z.string(),
  message: text,
  hint: text,
  retryable: z.boolean(),
  status: z.number().optional(),
  requestId: text.optional(),
  retryAfterMs: z.number().min(0).max(86_400_000).optional(),
})

function expectTyped(error: unknown): asserts error is AuthError {
  if (!isAuthError(error)) throw error
  expect(error.message).not.toContain('for ever')
  wellFormed.parse({ ...error, message: error.message })
}
