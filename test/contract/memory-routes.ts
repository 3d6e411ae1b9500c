import type { LanonasisClient, Memory, Page } from '@lanonasis/auth-client'
import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import { titled } from './titled.ts'
import type { ExpectedRequest, Wire, WireAnswer } from './wire.ts'

/** Where the memory routes are tried. */
export interface MemoryPlace {
  /** `https://mcp.lanonasis.com/api/v1`, or the REST API's. */
  readonly base: string
  readonly credential: NonNullable<ExpectedRequest['credential']>
  readonly client: () => LanonasisClient
}

/** A record of the newer servers, and what the client makes of it. */
const record = {
  id: 'm1',
  title: 'Example',
  content: 'Details',
  memory_type: 'project',
  tags: ['tag'],
  metadata: { project: 'example' },
  user_id: 'u1',
  created_at: '2026-05-01T00:00:00.000Z',
  updated_at: '2026-05-02T00:00:00.000Z',
}
const memory: Memory = {
  id: 'm1',
  title: 'Example',
  content: 'Details',
  type: 'project',
  tags: ['tag'],
  metadata: { project: 'example' },
  createdAt: new Date('2026-05-01T00:00:00.000Z'),
  updatedAt: new Date('2026-05-02T00:00:00.000Z'),
  raw: record,
}
const { memory_type: _, ...withoutType } = record
const older = { ...withoutType, type: 'project' }
const uuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)

/** Bodies of a 200 that say nothing of memories. */
const unreadable: [string, unknown][] = [
  ['nothing', ''],
  ['a page', '<!doctype html><title>Welcome</title>'],
  ['a text', 'OK'],
  ['truncated JSON', '{"data":[{"id":"m1","ti'],
  ['null', 'null'],
  ['a number', '42'],
  ['an empty object', {}],
  ['null for data', { data: null }],
  ['a record without an id', { data: { title: 'Example' } }],
  ['an id that is no text', { data: { ...record, id: 7 } }],
]

interface RouteCase {
  /** `GET /memory?limit=2`, below the base. */
  readonly route: string
  readonly title: string
  readonly request?: ExpectedRequest
  readonly answer: WireAnswer
  readonly call: (client: LanonasisClient) => PromiseLike<unknown>
  readonly gives: unknown
}

const emptyPage: WireAnswer = { status: 200, body: { data: [], pagination: { total: 0 } } }
const noItems = { items: [], total: 0, limit: 0, offset: 0, hasMore: false }
const one: WireAnswer = { status: 200, body: { data: record } }

const routes: readonly RouteCase[] = [
  {
    route: 'GET /memory',
    title: 'lists, without a query when nothing is asked for',
    answer: emptyPage,
    call: (client) => client.memory.list(),
    gives: noItems,
  },
  {
    route: 'GET /memory?limit=20&offset=40&type=project&tags=a,b',
    title: 'lists what is asked for, tags with a comma between',
    answer: {
      status: 200,
      body: { data: [record], pagination: { total: 41, limit: 20, offset: 40 } },
    },
    call: (client) =>
      client.memory.list({ limit: 20, offset: 40, type: 'project', tags: ['a', 'b'] }),
    gives: { items: [memory], total: 41, limit: 20, offset: 40, hasMore: false },
  },
  {
    route: 'GET /memory?limit=0&offset=0',
    title: 'leaves out tags that are none, and sends a zero',
    answer: emptyPage,
    call: (client) => client.memory.list({ limit: 0, offset: 0, tags: [] }),
    gives: noItems,
  },
  {
    route: 'POST /memory',
    title: 'creates with the fields of Appendix B, and a key that makes it safe to repeat',
    request: {
      json: {
        title: 'Example',
        content: 'Details',
        type: 'context',
        tags: ['tag'],
        metadata: { project: 'example' },
        idempotency_key: uuid,
      },
    },
    answer: { status: 201, body: { data: record } },
    call: (client) =>
      client.memory.create({
        title: 'Example',
        content: 'Details',
        type: 'context',
        tags: ['tag'],
        metadata: { project: 'example' },
      }),
    gives: memory,
  },
  {
    route: 'POST /memory',
    title: "creates a context when no type is named, with the caller's own key",
    request: { json: { title: 'T', content: 'C', type: 'context', idempotency_key: 'mine' } },
    answer: { status: 201, body: record },
    call: (client) => client.memory.create({ title: 'T', content: 'C', idempotencyKey: 'mine' }),
    gives: memory,
  },
  {
    route: 'GET /memory/m1',
    title: 'gets one',
    answer: one,
    call: (client) => client.memory.get('m1'),
    gives: memory,
  },
  {
    route: 'GET /memory/a%20b%3Fc%23d',
    title: 'gets one whose id has to be escaped',
    answer: one,
    call: (client) => client.memory.get('a b?c#d'),
    gives: memory,
  },
  {
    route: 'PUT /memory/m1',
    title: 'changes what is given, and sends nothing else',
    request: { json: { title: 'New', tags: [] } },
    answer: one,
    call: (client) => client.memory.update('m1', { title: 'New', tags: [] }),
    gives: memory,
  },
  {
    route: 'PUT /memory/m1',
    title: 'changes everything',
    request: {
      json: { title: 'N', content: 'C', type: 'workflow', tags: ['t'], metadata: { a: { b: 1 } } },
    },
    answer: one,
    call: (client) =>
      client.memory.update('m1', {
        title: 'N',
        content: 'C',
        type: 'workflow',
        tags: ['t'],
        metadata: { a: { b: 1 } },
      }),
    gives: memory,
  },
  {
    route: 'DELETE /memory/m1',
    title: 'deletes, and is content with 204',
    answer: { status: 204 },
    call: (client) => client.memory.delete('m1'),
    gives: undefined,
  },
  {
    route: 'DELETE /memory/m1',
    title: 'deletes, whatever is said of it',
    answer: { status: 200, body: { data: { id: 'm1', deleted: true } } },
    call: (client) => client.memory.delete('m1'),
    gives: undefined,
  },
  {
    route: 'DELETE /memory/m1',
    title: 'deletes, and is content with a text',
    answer: { status: 200, body: 'OK' },
    call: (client) => client.memory.delete('m1'),
    gives: undefined,
  },
  {
    route: 'POST /memory/search',
    title: 'searches',
    request: { json: { query: 'example' } },
    answer: {
      status: 200,
      body: { results: [{ ...record, similarity_score: 0.9 }], total: 1 },
    },
    call: (client) => client.memory.search({ query: 'example' }),
    gives: {
      items: [{ ...memory, score: 0.9, raw: { ...record, similarity_score: 0.9 } }],
      total: 1,
      limit: 1,
      offset: 0,
      hasMore: false,
    },
  },
  {
    route: 'POST /memory/search',
    title: 'searches with every filter',
    request: {
      json: { query: 'q', type: 'project', tags: ['a'], limit: 5, offset: 10, threshold: 0.7 },
    },
    answer: emptyPage,
    call: (client) =>
      client.memory.search({
        query: 'q',
        type: 'project',
        tags: ['a'],
        limit: 5,
        offset: 10,
        threshold: 0.7,
      }),
    gives: { items: [], total: 0, limit: 5, offset: 10, hasMore: false },
  },
  {
    route: 'GET /memory/stats',
    title: 'counts',
    answer: { status: 200, body: { total_memories: 3, memories_by_type: { context: 3 } } },
    call: (client) => client.memory.stats(),
    gives: {
      total: 3,
      byType: { context: 3 },
      raw: { total_memories: 3, memories_by_type: { context: 3 } },
    },
  },
  {
    route: 'GET /memory/stats',
    title: 'counts in a wrapper, with the older names',
    answer: { status: 200, body: { data: { total: 3, by_type: { project: 1 } } } },
    call: (client) => client.memory.stats(),
    gives: { total: 3, byType: { project: 1 }, raw: { total: 3, by_type: { project: 1 } } },
  },
]

/** The ways a list was seen to be written, with what is said of its pages. */
const lists: [string, unknown, Partial<Page<Memory>>][] = [
  [
    'data and pagination with has_next',
    { data: [record], pagination: { total: 5, limit: 1, offset: 2, has_next: true } },
    { total: 5, limit: 1, offset: 2, hasMore: true },
  ],
  [
    'data and pagination of a last page',
    { data: [record], pagination: { total: 3, limit: 1, offset: 2, has_next: false } },
    { total: 3, limit: 1, offset: 2, hasMore: false },
  ],
  [
    'memories and pagination by page',
    { memories: [older], pagination: { page: 2, limit: 1, total: 3, pages: 3 } },
    { total: 3, limit: 1, offset: 1, hasMore: true },
  ],
  [
    'everything in data',
    { success: true, data: { memories: [record], pagination: { total: 1, limit: 20, offset: 0 } } },
    { total: 1, limit: 20, offset: 0, hasMore: false },
  ],
  ['results', { results: [record], total: 1 }, { total: 1, hasMore: false }],
  [
    'data and a pagination whose numbers are none',
    { data: [record], pagination: { total: -5, limit: 0.5, offset: -1, page: 0 } },
    { limit: 1, offset: 0, hasMore: true },
  ],
  ['a bare list, which may be a page', [record], { hasMore: true, offset: 0 }],
]

/** Every way in which the routes are asked, below one base. */
export function describeMemoryRoutes(wire: Wire, { base, credential, client }: MemoryPlace): void {
  const at = (route: string) => {
    const [method, path] = route.split(' ')
    return `${method} ${base}${path}`
  }
  const expectAt = (route: string, request: ExpectedRequest, answer: WireAnswer) =>
    wire.expect(at(route), { credential, ...request }, answer)

  describe('requests and their answers', () => {
    it.each(titled(routes, ({ route, title }) => `${route} ${title}`))(
      '%s',
      async (_title, { route, request = {}, answer, call, gives }) => {
        expectAt(route, request, answer)
        expect(await call(client())).toStrictEqual(gives)
      },
    )
  })

  describe('★22 the forms of an answer', () => {
    it.each(lists)('★22 GET /memory as %s', async (_what, body, page) => {
      expectAt('GET /memory', {}, { status: 200, body })
      const listed = await client().memory.list()
      expect(listed).toMatchObject(page)
      expect(listed.items).toMatchObject([{ ...memory, raw: { id: 'm1' } }])
    })

    it.each<[string, unknown]>([
      ['in data', { data: record }],
      ['bare', record],
      ['bare, with the older name of its type', older],
      ['in memory', { success: true, memory: record }],
      ['in memory, in data', { data: { memory: older } }],
    ])('★22 GET /memory/:id %s', async (_what, body) => {
      expectAt('GET /memory/m1', {}, { status: 200, body })
      expect(await client().memory.get('m1')).toMatchObject({ ...memory, raw: { id: 'm1' } })
    })

    it('★22 GET /memory/:id with nothing but an id', async () => {
      expectAt('GET /memory/m1', {}, { status: 200, body: { id: 'm1' } })
      expect(await client().memory.get('m1')).toStrictEqual({
        id: 'm1',
        title: '',
        content: '',
        type: 'context',
        tags: [],
        metadata: {},
        raw: { id: 'm1' },
      })
    })

    it('★22 GET /memory/:id with fields of the wrong type', async () => {
      const odd = { id: 'm1', title: 1, tags: 'a', metadata: [], type: 2, created_at: 'yesterday' }
      expectAt('GET /memory/m1', {}, { status: 200, body: odd })
      expect(await client().memory.get('m1')).toStrictEqual({
        id: 'm1',
        title: '',
        content: '',
        type: 'context',
        tags: [],
        metadata: {},
        raw: odd,
      })
    })

    it.each(unreadable)('GET /memory/:id: %s is invalid_response', async (_what, body) => {
      expectAt('GET /memory/m1', {}, { status: 200, body, headers: { 'x-request-id': 'req-1' } })
      expect(await failure(client().memory.get('m1'))).toMatchObject({
        code: 'invalid_response',
        status: 200,
        requestId: 'req-1',
      })
    })

    it.each(unreadable)('GET /memory: %s is invalid_response', async (_what, body) => {
      expectAt('GET /memory', {}, { status: 200, body })
      expect(await failure(client().memory.list())).toMatchObject({ code: 'invalid_response' })
    })

    it.each(unreadable)('GET /memory/stats: %s is invalid_response', async (_what, body) => {
      expectAt('GET /memory/stats', {}, { status: 200, body })
      expect(await failure(client().memory.stats())).toMatchObject({ code: 'invalid_response' })
    })
  })

  describe('pages', () => {
    it('GET /memory is asked again from where the page ended, until there is no more', async () => {
      const pageOf = (id: string, offset: number) => ({
        status: 200,
        body: { data: [{ ...record, id }], pagination: { total: 3, limit: 1, offset } },
      })
      expectAt('GET /memory?limit=1&type=project&tags=a', {}, pageOf('m1', 0))
      expectAt('GET /memory?limit=1&offset=1&type=project&tags=a', {}, pageOf('m2', 1))
      expectAt('GET /memory?limit=1&offset=2&type=project&tags=a', {}, pageOf('m3', 2))
      const ids: string[] = []
      const list = client().memory.list({ limit: 1, type: 'project', tags: ['a'] })
      for await (const { id } of list) ids.push(id)
      expect(ids).toEqual(['m1', 'm2', 'm3'])
    })

    it('POST /memory/search is asked again in the same way', async () => {
      const pageOf = (id: string, has_more: boolean) => ({
        status: 200,
        body: { results: [{ ...record, id }], pagination: { has_more } },
      })
      expectAt('POST /memory/search', { json: { query: 'q' } }, pageOf('m1', true))
      expectAt('POST /memory/search', { json: { query: 'q', offset: 1 } }, pageOf('m2', false))
      const ids: string[] = []
      for await (const { id } of client().memory.search({ query: 'q' })) ids.push(id)
      expect(ids).toEqual(['m1', 'm2'])
    })

    it('GET /memory ends where a service has no pages and gives everything again', async () => {
      const everything = { status: 200, body: [record] }
      expectAt('GET /memory', {}, everything)
      expectAt('GET /memory?offset=1', {}, everything)
      const ids: string[] = []
      for await (const { id } of client().memory.list()) ids.push(id)
      expect(ids).toEqual(['m1'])
    })

    it('GET /memory fails where a service promises more and gives the same page again', async () => {
      const first = {
        status: 200,
        body: { memories: [older], pagination: { page: 1, limit: 1, total: 2 } },
      }
      expectAt('GET /memory?limit=1', {}, first)
      expectAt('GET /memory?limit=1&offset=1', {}, first)
      const drain = async () => {
        for await (const _memory of client().memory.list({ limit: 1 }));
      }
      expect(await failure(drain())).toMatchObject({ code: 'invalid_response' })
    })

    it('GET /memory is not asked before somebody waits for it', () => {
      client().memory.list()
    })
  })

  describe('newer deployments', () => {
    const missing: WireAnswer = { status: 404, body: 'Cannot GET' }

    it('GET /memories takes the place of GET /memory where that is missing, once and for all', async () => {
      expectAt('GET /memory?limit=2', {}, missing)
      expectAt('GET /memories?limit=1', {}, emptyPage)
      expectAt('GET /memories?limit=2', {}, emptyPage)
      expectAt('POST /memories/search', { json: { query: 'q' } }, emptyPage)
      expectAt('GET /memories/m1', {}, { status: 404, body: { error: 'x', code: 'NOT_FOUND' } })
      const { memory } = client()
      await memory.list({ limit: 2 })
      await memory.search({ query: 'q' })
      expect(await failure(memory.get('m1'))).toMatchObject({ code: 'not_found', status: 404 })
    })

    it('GET /memory/:id is not_found where neither name is known', async () => {
      expectAt('GET /memory/m1', {}, missing)
      expectAt('GET /memories?limit=1', {}, missing)
      expect(await failure(client().memory.get('m1'))).toMatchObject({ code: 'not_found' })
    })

    it('GET /memories is not asked for after /memory has answered', async () => {
      expectAt('GET /memory', {}, emptyPage)
      expectAt('GET /memory/m1', {}, missing)
      const { memory } = client()
      await memory.list()
      expect(await failure(memory.get('m1'))).toMatchObject({ code: 'not_found' })
    })
  })

  describe('what is not sent at all', () => {
    it.each<[string, (client: LanonasisClient) => PromiseLike<unknown>]>([
      ['an empty title', ({ memory }) => memory.create({ title: ' ', content: 'C' })],
      ['an empty content', ({ memory }) => memory.create({ title: 'T', content: '' })],
      ['an empty query', ({ memory }) => memory.search({ query: '' })],
      ['a negative limit', ({ memory }) => memory.list({ limit: -1 })],
      ['half an offset', ({ memory }) => memory.list({ offset: 0.5 })],
      ['an empty id', ({ memory }) => memory.get('')],
      ['an id that leads elsewhere', ({ memory }) => memory.delete('..')],
    ])('%s is validation_failed without a request', async (_what, call) => {
      expect(await failure(call(client()))).toMatchObject({ code: 'validation_failed' })
    })
  })
}
