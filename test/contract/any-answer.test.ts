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
import { titled } from './titled.ts'

/** How often each kind of call is answered with something that nobody has thought of. */
const runs = 40
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
    fc.constantFrom(0, 1, -1, 0.5, 900, 1e308, -1e308, 1e15, 2 ** 53, true, false, null),
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

const memoryRecord = {
  id: 'm1',
  title: 'T',
  content: 'C',
  memory_type: 'context',
  tags: ['a'],
  metadata: { a: 1 },
  created_at: '2026-05-01T00:00:00.000Z',
  similarity_score: 0.5,
}
const keyFields = {
  id: 'k1',
  name: 'x',
  access_level: 'team',
  permissions: ['memories:read'],
  is_active: true,
  created_at: '2026-05-01T00:00:00.000Z',
  expires_at: '2026-06-01T00:00:00.000Z',
}

/** Right answers, by what is asked for. */
const right = {
  memory: [{ data: memoryRecord }, memoryRecord],
  memories: [
    { data: [memoryRecord], pagination: { total: 2, limit: 1, offset: 0, has_next: true } },
    { memories: [memoryRecord], pagination: { page: 1, limit: 1, total: 3, pages: 3 } },
    [memoryRecord],
  ],
  stats: [{ total_memories: 3, memories_by_type: { context: 3 } }],
  keys: [{ success: true, data: [keyFields] }, { keys: [keyFields] }],
  key: [{ success: true, data: keyFields }, keyFields],
  newKey: [
    { success: true, data: { ...keyFields, key: `lano_${'a'.repeat(64)}` }, message: 'Save it.' },
    { data: { ...keyFields, key_id: 'pk_a1', key_secret: 'sk_b2' } },
  ],
  introspection: [
    { active: true, client_id: 'x', scope: 'a', exp: 1_780_272_900, iat: 1_780_272_000 },
    { active: false },
  ],
  pair: [
    {
      token_type: 'Bearer',
      access_token: 'B'.repeat(64),
      refresh_token: 'S'.repeat(86),
      expires_in: 900,
      scope: 'memories:read',
    },
  ],
  nothing: [{ success: true }],
} satisfies Record<string, readonly unknown[]>

/** What the gateway says of a credential, and of a refresh token. */
const verdicts: readonly unknown[] = [
  { valid: true, identity: { actor_id: 'u1' } },
  { valid: false, error: { code: 'expired_credential', message: 'x', retryable: false } },
  { active: false },
  { error: 'invalid_grant', error_description: 'x' },
]

/** Where in a value something can be replaced. */
function places(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return []
  const fields = value as Record<string, unknown>
  return Object.keys(fields).flatMap((name) => [
    [fields, name] as [typeof fields, string],
    ...places(fields[name]),
  ])
}

/** A right answer in which up to two fields are what they should not be. */
function nearly(answers: readonly unknown[]): fc.Arbitrary<string> {
  const changes = fc.array(fc.tuple(fc.nat(), tree), { maxLength: 2 })
  return fc.tuple(fc.constantFrom(...answers), changes).map(([chosen, replacements]) => {
    const answer = structuredClone(chosen)
    for (const [number, value] of replacements) {
      const found = places(answer)
      const [fields, name] = found[number % Math.max(1, found.length)] ?? []
      if (fields !== undefined && name !== undefined) fields[name] = value
    }
    return JSON.stringify(answer)
  })
}

const odd = fc.oneof(
  fc.constantFrom('', ' ', 'null', '42', '"text"', '[1e999]', '{"total":1e999,"items":[]}'),
  fc.constantFrom('<!doctype html><title>502</title>', 'Bad gateway', '\ufeff{"data":[]}'),
  fc.string({ unit: 'binary' }),
)

function truncated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const part = fc.double({ min: 0, max: 1, noNaN: true })
  return fc
    .tuple(text, part)
    .map(([whole, kept]) => whole.slice(0, Math.floor(whole.length * kept)))
}

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
  { weight: 6, arbitrary: fc.constantFrom(200, 201) },
  { weight: 2, arbitrary: fc.constantFrom(204, 400, 401, 403, 404, 409, 429, 500, 502, 503) },
  { weight: 2, arbitrary: fc.integer({ min: 200, max: 599 }) },
)

/** Answers of one call, in turn; the last one goes on for ever. */
function answers(rightOnes: readonly unknown[]): fc.Arbitrary<readonly Answer[]> {
  const body = fc.oneof(
    { weight: 8, arbitrary: nearly(rightOnes) },
    { weight: 2, arbitrary: nearly(verdicts) },
    { weight: 3, arbitrary: json },
    { weight: 2, arbitrary: truncated(fc.oneof(json, nearly(rightOnes))) },
    { weight: 2, arbitrary: odd },
  )
  return fc.array(fc.record({ status, body, headers }), { minLength: 1, maxLength: 4 })
}

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
/** Epoch ms that can be shown and stored. */
const time = z.number().refine((ms) => !Number.isNaN(new Date(ms).getTime()))
const count = z.number().nonnegative().refine(Number.isInteger)

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
  expiresAt: time.optional(),
  issuedAt: time.optional(),
  subject: z.string().optional(),
  email: z.string().optional(),
})
const session = z.strictObject({
  status: z.enum(['signed-in', 'expired']),
  tokenKind: z.enum(['opaque', 'jwt']).optional(),
  signInId: text.optional(),
  expiresAt: time.optional(),
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
  readonly right: readonly unknown[]
  /** What the type promises of the value. */
  readonly value: z.ZodType
}

const calls: readonly Call[] = [
  {
    name: 'memory.list()',
    right: right.memories,
    call: ({ memory }) => memory.list(),
    value: page,
  },
  {
    name: 'memory.list({ limit, offset })',
    right: right.memories,
    call: ({ memory }) => memory.list({ limit: 2, offset: 3 }),
    value: page,
  },
  {
    name: 'memory.search()',
    right: right.memories,
    call: ({ memory }) => memory.search({ query: 'q' }),
    value: page,
  },
  {
    name: 'for await (… of memory.list())',
    right: right.memories,
    call: async (client) => {
      const items: unknown[] = []
      for await (const item of client.memory.list()) items.push(item)
      return items
    },
    value: z.array(memory),
  },
  {
    name: 'memory.get()',
    right: right.memory,
    call: ({ memory }) => memory.get('m1'),
    value: memory,
  },
  {
    name: 'memory.create()',
    right: right.memory,
    call: (client) => client.memory.create({ title: 'T', content: 'C' }),
    value: memory,
  },
  {
    name: 'memory.update()',
    right: right.memory,
    call: (client) => client.memory.update('m1', { title: 'T' }),
    value: memory,
  },
  {
    name: 'memory.delete()',
    right: right.nothing,
    call: (client) => client.memory.delete('m1'),
    value: nothing,
  },
  {
    name: 'memory.stats()',
    right: right.stats,
    call: (client) => client.memory.stats(),
    value: stats,
  },
  {
    name: 'apiKeys.list()',
    right: right.keys,
    call: ({ apiKeys }) => apiKeys.list(),
    value: z.array(keyRecord),
  },
  {
    name: 'apiKeys.get()',
    right: right.key,
    call: ({ apiKeys }) => apiKeys.get('k1'),
    value: keyRecord,
  },
  {
    name: 'apiKeys.create()',
    right: right.newKey,
    call: ({ apiKeys }) => apiKeys.create({ name: 'x' }),
    value: created,
  },
  {
    name: 'apiKeys.rotate(id)',
    right: right.newKey,
    call: ({ apiKeys }) => apiKeys.rotate('k1'),
    value: created,
  },
  {
    name: 'apiKeys.revoke()',
    right: right.nothing,
    call: ({ apiKeys }) => apiKeys.revoke('k1'),
    value: nothing,
  },
  {
    name: 'apiKeys.delete()',
    right: right.nothing,
    call: ({ apiKeys }) => apiKeys.delete('k1'),
    value: nothing,
  },
  {
    name: 'apiKeys.ensure()',
    right: right.newKey,
    call: ({ apiKeys }) => apiKeys.ensure({ name: 'x' }),
    value: ensured,
  },
  {
    name: 'introspect()',
    right: right.introspection,
    call: (client) => client.introspect(),
    value: introspection,
  },
  { name: 'refresh()', right: right.pair, call: (client) => client.refresh(), value: session },
  {
    name: 'getAccessToken()',
    right: right.pair,
    call: (client) => client.getAccessToken(),
    value: text,
  },
  {
    name: 'exchangeLegacyToken()',
    right: right.pair,
    call: (client) => client.exchangeLegacyToken(),
    value: session.optional(),
  },
  {
    name: 'logout()',
    right: right.nothing,
    call: (client) => client.logout(),
    value: z.strictObject({
      revoked: z.boolean(),
      reason: text.optional(),
      alive: z
        .array(z.enum(['tokens', 'api-key']))
        .min(1)
        .optional(),
    }),
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
  it.each(titled(calls, ({ name }) => name))(
    '%s gives what its type promises, or a typed error, and ends',
    async (_name, { name, call, right, value }) => {
      await fc.assert(
        fc.asyncProperty(answers(right), holdings, async (script, { tokens, key, ended }) => {
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
    60_000,
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
