import { describe, expect, it } from 'vitest'
import type { AuthError } from '../../src/errors/auth-error.ts'
import { failure, withQuickTimers } from '../support/async.ts'
import { platformAt, signedIn } from '../support/setup.ts'

const example = { title: 'Example', content: 'Details', type: 'project', tags: ['a', 'b'] }

async function withMemories(count: number, generation: 'roadmap' | '2026' = '2026') {
  const setup = await signedIn({ platform: platformAt({ limits: false, generation }) })
  const { memory } = setup.client
  for (let number = 1; number <= count; number++) {
    await memory.create({ title: `Number ${number}`, content: 'x', tags: [`tag-${number % 2}`] })
  }
  setup.platform.requests.length = 0
  return { ...setup, memory }
}

async function titles(list: AsyncIterable<{ title: string }>): Promise<string[]> {
  const found: string[] = []
  for await (const { title } of list) found.push(title)
  return found
}

describe.each(['roadmap', '2026'] as const)('memories of a %s deployment', (generation) => {
  it('★22 are created, read, changed, found and deleted', async () => {
    const { memory, platform } = await withMemories(0, generation)
    const created = await memory.create({ ...example, metadata: { source: 'test' } })
    expect(created).toMatchObject({ ...example, metadata: { source: 'test' } })
    expect(created.createdAt?.getTime()).toBe(platform.clock.now())
    expect(await memory.get(created.id)).toEqual(created)
    expect(await memory.update(created.id, { title: 'Changed' })).toMatchObject({
      title: 'Changed',
      content: 'Details',
    })
    expect((await memory.search({ query: 'changed details' })).items).toHaveLength(1)
    expect(await memory.stats()).toMatchObject({ total: 1, byType: { project: 1 } })
    await memory.delete(created.id)
    expect(await failure(memory.get(created.id))).toMatchObject({ code: 'not_found' })
  })

  it('★22 are listed page by page', async () => {
    const { memory } = await withMemories(5, generation)
    expect(await memory.list({ limit: 2, offset: 2 })).toMatchObject({
      items: [{ title: 'Number 3' }, { title: 'Number 2' }],
      total: 5,
      limit: 2,
      offset: 2,
      hasMore: true,
    })
    expect(await memory.list({ limit: 2, offset: 4 })).toMatchObject({ hasMore: false })
  })

  it('★22 are iterated over all pages, each once, wherever one begins', async () => {
    const { memory, platform } = await withMemories(5, generation)
    const all = [5, 4, 3, 2, 1].map((number) => `Number ${number}`)
    expect(await titles(memory.list({ limit: 2 }))).toEqual(all)
    expect(platform.requests).toHaveLength(3)
    expect(await titles(memory.list({ limit: 2, offset: 1 }))).toEqual(all.slice(1))
    expect(await titles(memory.list({ limit: 3, offset: 2 }))).toEqual(all.slice(2))
    expect(await titles(memory.search({ query: 'number', limit: 2 }))).toEqual(all)
  })

  it('are chosen by tag and type', async () => {
    const { memory, platform } = await withMemories(4, generation)
    expect(await titles(memory.list({ tags: ['tag-0'], type: 'context' }))).toEqual([
      'Number 4',
      'Number 2',
    ])
    expect(platform.requests[0]?.query).toEqual({ tags: 'tag-0', type: 'context' })
    expect((await memory.list({ type: 'project' })).items).toEqual([])
  })
})

describe('creating a memory', () => {
  it('is repeated after a lost answer without making two', async () => {
    const { memory, platform } = await withMemories(0)
    platform.order({ match: 'POST /memory', times: 2, action: 'lose-answer' })
    const created = await withQuickTimers(() => memory.create(example))
    expect(platform.memories.map(({ id }) => id)).toEqual([created.id])
    const keys = platform.requestsTo('POST /memory').map(({ body }) => body?.idempotency_key)
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
  })

  it("goes by the caller's own key, and makes another one for each call", async () => {
    const { memory, platform } = await withMemories(0)
    const one = await memory.create({ ...example, idempotencyKey: 'mine' })
    expect((await memory.create({ ...example, idempotencyKey: 'mine' })).id).toBe(one.id)
    await memory.create(example)
    await memory.create(example)
    expect(platform.memories).toHaveLength(3)
  })

  it.each([
    [{ title: '', content: 'x' }, /title/],
    [{ title: ' ', content: 'x' }, /title/],
    [{ title: 'x', content: '' }, /content/],
    [{ title: 'x' } as never, /content/],
  ])('is refused before any request for %j', async (memory, message) => {
    const { client, platform } = await signedIn()
    const error = (await failure(client.memory.create(memory))) as AuthError
    expect(error).toMatchObject({ code: 'validation_failed' })
    expect(error.message).toMatch(message)
    expect(platform.requests).toEqual([])
  })

  it('says what the service does not like', async () => {
    const { client } = await signedIn()
    expect(await failure(client.memory.create({ ...example, type: 'nonsense' }))).toMatchObject({
      code: 'validation_failed',
      status: 400,
    })
  })
})

describe('a memory route', () => {
  it.each(['', ' ', '.', '..'])('is not led elsewhere by the id %j', async (id) => {
    const { client, platform } = await signedIn()
    for (const call of [client.memory.get(id), client.memory.delete(id)]) {
      expect(await failure(call)).toMatchObject({ code: 'validation_failed' })
    }
    expect(platform.requests).toEqual([])
  })

  it('takes an id as one segment, whatever is in it', async () => {
    const { client, platform } = await withMemories(1)
    await failure(client.memory.get('a/../../auth/api-keys'))
    expect(platform.requests[0]?.path).toBe('/memory/a%2F..%2F..%2Fauth%2Fapi-keys')
  })

  it.each([{ limit: -1 }, { limit: 1.5 }, { offset: Number.NaN }])(
    'refuses %j before any request',
    async (filter) => {
      const { client, platform } = await signedIn()
      expect(await failure(client.memory.list(filter))).toMatchObject({ code: 'validation_failed' })
      expect(platform.requests).toEqual([])
    },
  )

  it('ends when its caller does', async () => {
    const { client, platform } = await signedIn()
    const signal = AbortSignal.abort()
    expect(await failure(client.memory.list({ signal }))).toMatchObject({ code: 'aborted' })
    expect(await failure(client.memory.get('1', { signal }))).toMatchObject({ code: 'aborted' })
    expect(platform.requests).toEqual([])
  })

  it('takes an answer that breaks off for a lost connection, and tries again', async () => {
    const { memory, platform } = await withMemories(1)
    platform.order({ match: 'GET /memory', times: 1, action: 'cut-answer' })
    expect((await withQuickTimers(async () => memory.list())).items).toHaveLength(1)
    expect(platform.requestsTo('GET /memory')).toHaveLength(2)
  })

  it('★2 is found below the base of the service, neither doubled nor dropped', async () => {
    const mcpHttp = 'https://gateway.example.com/tenant/api/v1'
    const platform = platformAt({ limits: false, endpoints: { mcpHttp } })
    const { client } = await signedIn({ platform })
    await client.memory.create(example)
    expect(platform.requests[0]?.url).toBe(`${mcpHttp}/memory`)
  })
})
