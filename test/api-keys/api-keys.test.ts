import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import type { AuthError } from '../../src/errors/auth-error.ts'
import type { Fetch } from '../../src/http/transport.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { Platform } from '../../src/testing.ts'
import { failure } from '../support/async.ts'
import { clientFor, platformAt, signedIn } from '../support/setup.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const creations = (platform: Platform) => platform.requestsTo('POST /auth/api-keys')
const laptop = { name: 'my-laptop' }

/** The key that requests to MCP Core carry. */
async function keyInUse(client: LanonasisClient, platform: Platform) {
  await client.memory.list()
  return platform.requestsTo('GET /memory').at(-1)?.headers['x-api-key']
}

describe.each(['roadmap', '2026'] as const)('apiKeys.ensure on a %s deployment', (generation) => {
  const setup = () => signedIn({ platform: platformAt({ limits: false, generation }) })

  it('makes a key with the session, stores it, and has it used', async () => {
    const { client, platform, store } = await setup()
    const ensured = await client.apiKeys.ensure({ ...laptop, expiresInDays: 30 })
    const kind = generation === 'roadmap' ? 'pk' : 'lano'
    expect(ensured).toMatchObject({ kind, name: 'my-laptop', created: true })
    expect(creations(platform)).toMatchObject([
      { credential: 'bearer', body: { name: 'my-laptop', expires_in_days: 30 } },
    ])
    expect(await keyInUse(client, platform)).toMatch(
      generation === 'roadmap' ? /^pk_\w+\.sk_\w+$/ : /^lano_[0-9a-f]{64}$/,
    )
    expect(await keyInUse(clientFor(platform, { store }), platform)).toBeDefined()
    expect(await client.getSession()).toMatchObject({ apiKey: { kind } })
  })
})

describe('apiKeys.ensure', () => {
  it('asks for nothing when a key is held', async () => {
    const { client, platform } = await signedIn()
    const first = await client.apiKeys.ensure(laptop)
    platform.requests.length = 0
    expect(await client.apiKeys.ensure(laptop)).toEqual({ ...first, created: false })
    expect(await client.apiKeys.ensure({ name: 'another' })).toMatchObject({ created: false })
    expect(platform.requests).toEqual([])
  })

  it('asks for nothing when a key was passed in, and needs nobody signed in', async () => {
    const platform = platformAt()
    const { key } = await platform.createApiKey({ form: 'roadmap' })
    const client = clientFor(platform, { apiKey: key })
    expect(await client.apiKeys.ensure(laptop)).toMatchObject({ kind: 'pk', created: false })
    expect(platform.requests).toEqual([])
  })

  it('makes one key for all who ask at once, over all clients on one store', async () => {
    const { client, platform, store } = await signedIn()
    const clients = [client, clientFor(platform, { store }), clientFor(platform, { store })]
    const all = await Promise.all([...clients, ...clients].map((one) => one.apiKeys.ensure(laptop)))
    expect(new Set(all.map(({ publicId }) => publicId)).size).toBe(1)
    expect(all.filter(({ created }) => created)).toHaveLength(1)
    expect(creations(platform)).toHaveLength(1)
  })

  it('★21 takes another name when the name is taken, and never rotates the key that has it', async () => {
    const { client, platform } = await signedIn()
    const taken = await platform.createApiKey(laptop)
    const ensured = await client.apiKeys.ensure(laptop)
    expect(ensured.name).toMatch(/^my-laptop-[0-9a-f]{8}$/)
    expect(creations(platform).map(({ status }) => status)).toEqual([409, 201])
    expect(platform.requestsTo('POST */rotate')).toEqual([])
    const other = clientFor(platform, { apiKey: taken.key })
    expect((await other.memory.list()).items).toEqual([])
  })

  it('gives up when every name is taken', async () => {
    const { client, platform } = await signedIn()
    const action = { status: 409, body: { error: 'exists', code: 'KEY_EXISTS' } }
    platform.order({ match: 'POST /auth/api-keys', action })
    expect(await failure(client.apiKeys.ensure(laptop))).toMatchObject({ code: 'conflict' })
    expect(creations(platform)).toHaveLength(3)
  })

  it('says that nobody is signed in', async () => {
    const platform = platformAt()
    const client = clientFor(platform)
    expect(await failure(client.apiKeys.ensure(laptop))).toMatchObject({ code: 'login_required' })
    expect(platform.requests).toEqual([])
  })

  it('renews the session first when that is needed', async () => {
    const { client, platform, expire } = await signedIn()
    expire()
    await client.apiKeys.ensure(laptop)
    expect(platform.requests.map(({ path }) => path)).toEqual(['/oauth/token', '/auth/api-keys'])
  })
})

describe('creating an API key', () => {
  it('★20 is not tried again after a 500, which may be the fault of the caller', async () => {
    const { client, platform } = await signedIn()
    const wrong = { ...laptop, expiresInDays: 100_000 }
    expect(await failure(client.apiKeys.create(wrong))).toMatchObject({
      code: 'server_error',
      status: 500,
      retryable: false,
    })
    expect(await failure(client.apiKeys.ensure(wrong))).toMatchObject({ code: 'server_error' })
    expect(creations(platform)).toHaveLength(2)
  })

  it.each([
    ['a busy service', { status: 503 }],
    ['a limit', { status: 429 }],
    ['a lost answer', 'lose-answer'],
    ['a lost connection', 'drop'],
  ] as const)(
    '★20 is not tried again after %s: there may be a key already',
    async (_what, action) => {
      const { client, platform } = await signedIn()
      platform.order({ match: 'POST /auth/api-keys', action })
      await failure(client.apiKeys.create(laptop))
      expect(creations(platform)).toHaveLength(1)
    },
  )

  it('says that there may be a key when the answer cannot be read', async () => {
    const { client, platform } = await signedIn()
    const action = { status: 200, body: 'half of a' }
    platform.order({ match: 'POST /auth/api-keys', action })
    expect(await failure(client.apiKeys.create(laptop))).toMatchObject({
      hint: expect.stringContaining('There may be a key now'),
      retryable: false,
    })
  })

  it.each([
    ['lost', 'lose-answer', true],
    ['no', { status: 403 }, false],
  ] as const)('says that there may be a key when the answer is %s: %j', async (_w, action, may) => {
    const { client, platform } = await signedIn()
    platform.order({ match: 'POST /auth/api-keys', action })
    const { hint, retryable } = (await failure(client.apiKeys.create(laptop))) as AuthError
    expect(retryable).toBe(false)
    expect(hint.includes('There may be a key now')).toBe(may)
    expect(platform.apiKeys).toHaveLength(may ? 1 : 0)
  })

  it('gives the key this once, and does not store it', async () => {
    const { client, platform } = await signedIn()
    const { key, id } = await client.apiKeys.create(laptop)
    expect(await keyInUse(clientFor(platform, { apiKey: key }), platform)).toBe(key)
    expect(platform.apiKeys.map((record) => record.id)).toEqual([id])
    expect(await client.getSession()).not.toHaveProperty('apiKey')
  })

  it.each([[{ name: '' }], [{ name: ' ' }], [{} as never], [{ name: 'x', expiresInDays: 0.5 }]])(
    'is refused before any request for %j',
    async (key) => {
      const { client, platform } = await signedIn()
      expect(await failure(client.apiKeys.create(key))).toMatchObject({ code: 'validation_failed' })
      expect(platform.requests).toEqual([])
    },
  )
})

describe('managing API keys', () => {
  it('lists and shows them without their secrets, revokes and deletes them', async () => {
    const { client, platform } = await signedIn()
    const { id, key } = await client.apiKeys.create(laptop)
    const [listed] = await client.apiKeys.list()
    expect(listed).toMatchObject({ id, name: 'my-laptop', active: true })
    expect(await client.apiKeys.get(id)).toEqual(listed)
    expect(JSON.stringify(listed)).not.toContain(key)
    await client.apiKeys.revoke(id)
    expect((await client.apiKeys.get(id)).active).toBe(false)
    await client.apiKeys.delete(id)
    expect(await client.apiKeys.list()).toEqual([])
    expect(await failure(client.apiKeys.get(id))).toMatchObject({ code: 'not_found' })
    expect(platform.requests.every(({ credential }) => credential === 'bearer')).toBe(true)
  })

  it('★19 sends a body with a rotation, although it says nothing', async () => {
    const { client, platform } = await signedIn()
    const { id, key } = await client.apiKeys.create(laptop)
    const rotated = await client.apiKeys.rotate(id)
    expect(platform.requestsTo('POST */rotate')).toMatchObject([{ body: {}, status: 200 }])
    expect(rotated).toMatchObject({ id })
    expect('key' in rotated && rotated.key).not.toBe(key)
  })

  it('★21 replaces the key in use so that at no moment there is none that works', async () => {
    const { client, platform } = await signedIn()
    const old = await client.apiKeys.ensure(laptop)
    const before = await keyInUse(client, platform)
    platform.requests.length = 0
    const rotated = await client.apiKeys.rotate()
    const steps = platform.requests.map(({ method, path }) => `${method} ${path}`)
    const create = steps.indexOf('POST /auth/api-keys')
    const revoke = steps.indexOf(`POST /auth/api-keys/${old.id}/revoke`)
    expect(create).toBeGreaterThanOrEqual(0)
    expect(revoke).toBe(steps.length - 1)
    expect(revoke - create).toBeGreaterThan(1)
    expect(platform.requestsTo('POST */rotate')).toEqual([])
    expect(rotated.id).not.toBe(old.id)
    expect(await keyInUse(client, platform)).not.toBe(before)
    const states = platform.apiKeys.map(({ id, active }) => [id === old.id, active])
    expect(states).toEqual([
      [true, false],
      [false, true],
    ])
  })

  it('says whether the old key is revoked', async () => {
    const { client, platform } = await signedIn({ platform: platformAt({ limits: false }) })
    const first = await client.apiKeys.ensure(laptop)
    const second = await client.apiKeys.rotate()
    expect(second.replaced).toEqual({ id: first.id, revoked: true })
    platform.order({ match: 'POST */revoke', action: { status: 403 } })
    const third = await client.apiKeys.rotate()
    expect(third).toMatchObject({
      created: true,
      replaced: { id: second.id, revoked: false, error: { code: 'forbidden' } },
    })
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([false, true, true])
  })

  it('says nothing of an old key when another one came in between', async () => {
    const { client, platform, store } = await signedIn()
    await client.apiKeys.ensure(laptop)
    const { key: another } = await platform.createApiKey({ name: 'another', form: 'roadmap' })
    const fetch: Fetch = async (input, init) => {
      const answer = await platform.fetch(input, init)
      if (String(input).endsWith('/introspect')) await client.setApiKey(another)
      return answer
    }
    const outcome = await clientFor(platform, { store, fetch }).apiKeys.rotate()
    expect(outcome).toMatchObject({ created: false, publicId: another.split('.')[0] })
    expect(outcome).not.toHaveProperty('replaced')
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([true, true, false])
  })

  it('★21 goes on with the old key when the new one does not work', async () => {
    const { client, platform } = await signedIn()
    await client.apiKeys.ensure(laptop)
    const before = await keyInUse(client, platform)
    const action = { status: 503, body: {} }
    platform.order({ match: 'POST /v1/auth/introspect', action })
    platform.order({ match: 'POST /v1/auth/verify-api-key', action })
    await failure(client.apiKeys.rotate())
    expect(await keyInUse(client, platform)).toBe(before)
  })

  it('★21 loses nothing when the new key cannot be stored', async () => {
    const { platform, tokens } = await signedIn()
    const store = memoryStore({ tokens })
    const client = clientFor(platform, { store })
    await client.apiKeys.ensure(laptop)
    const before = await keyInUse(client, platform)
    store.commit = () => Promise.reject(new Error('the disk is full'))
    expect(await failure(client.apiKeys.rotate())).toMatchObject({ message: 'the disk is full' })
    expect(await keyInUse(client, platform)).toBe(before)
    expect(platform.requestsTo('GET /memory').at(-1)?.status).toBe(200)
  })

  it('can be at any of the services, and nowhere else', async () => {
    const platform = platformAt({ limits: false })
    const apiKeysUrl = `${platform.endpoints.authGateway}/api/v1/auth/api-keys`
    const { client } = await signedIn({ platform, apiKeysUrl })
    await client.apiKeys.create(laptop)
    expect(platform.requests.map(({ url }) => url)).toEqual([apiKeysUrl])
    expect(() => clientFor(platform, { apiKeysUrl: 'https://example.com/api-keys' })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    )
  })

  it.each(['', '..', '.'])('is not led elsewhere by the id %j', async (id) => {
    const { client, platform } = await signedIn()
    for (const call of [
      client.apiKeys.get(id),
      client.apiKeys.revoke(id),
      client.apiKeys.delete(id),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'validation_failed' })
    }
    expect(platform.requests).toEqual([])
  })
})

describe('a key in the place of an id', () => {
  const pair = 'pk_public.sk_canary'
  const lano = `lano_${'0a'.repeat(32)}`
  const hash = '0a'.repeat(32)
  const token = 'eyJhbGciOiJub25lIn0.canary.0a0a'
  it.each([pair, lano, 'sk_canary', hash, token, ` ${pair}\n`, `"${lano}"`])(
    '★6 is in no address, nor in the error: %j',
    async (id) => {
      const { client, platform } = await signedIn()
      for (const call of [
        client.apiKeys.get(id),
        client.apiKeys.revoke(id),
        client.apiKeys.delete(id),
        client.apiKeys.rotate(id),
        client.memory.get(id),
        client.memory.delete(id),
      ]) {
        const error = await failure(call)
        expect(error).toMatchObject({ code: 'validation_failed' })
        expect(String(error) + JSON.stringify(error)).not.toMatch(/canary|0a0a/)
      }
      expect(platform.requests).toEqual([])
    },
  )

  it('takes a public half, which is the id where the service has no other one', async () => {
    const { client, platform } = await signedIn()
    expect(await failure(client.apiKeys.get('pk_public'))).toMatchObject({ code: 'not_found' })
    expect(platform.requests).toHaveLength(1)
  })
})

describe('setApiKey', () => {
  it('stores a key as it was copied, and has it used', async () => {
    const platform = platformAt()
    const { key } = await platform.createApiKey({ form: 'roadmap' })
    const store = memoryStore()
    const client = clientFor(platform, { store })
    await client.setApiKey(key)
    expect(await keyInUse(client, platform)).toBe(key)
    expect(await keyInUse(clientFor(platform, { store }), platform)).toBe(key)
    expect(await client.getSession()).toMatchObject({
      status: 'signed-out',
      apiKey: { kind: 'pk', publicId: key.split('.')[0] },
    })
  })

  it.each([
    ['only the public half', 'pk_canary', 'api_key_incomplete'],
    ['only the secret half', 'sk_canary', 'api_key_incomplete'],
    ['quotes around it', '"pk_canary.sk_canary"', 'api_key_malformed'],
    ['white space after it', 'pk_canary.sk_canary\n', 'api_key_malformed'],
    ['a session token', 'eyJhbGciOiJIUzI1NiJ9.canary.c2ln', 'api_key_malformed'],
    ['nothing', '', 'api_key_malformed'],
  ])('refuses %s before any request, and repeats none of it', async (_what, text, code) => {
    const platform = platformAt()
    const client = clientFor(platform)
    const error = await failure(client.setApiKey(text))
    expect(error).toMatchObject({ code })
    expect(JSON.stringify(error)).not.toContain('canary')
    expect(platform.requests).toEqual([])
    expect(await client.getSession()).not.toHaveProperty('apiKey')
  })

  it('★9 refuses the hash of a key, and makes none itself', async () => {
    const digests: unknown[] = []
    const { subtle } = crypto
    vi.stubGlobal('crypto', {
      ...crypto,
      getRandomValues: crypto.getRandomValues.bind(crypto),
      randomUUID: crypto.randomUUID.bind(crypto),
      subtle: {
        digest: (name: string, data: BufferSource) => {
          digests.push(data)
          return subtle.digest(name, data)
        },
      },
    })
    const sent: string[] = []
    const client = clientFor(platformAt(), {
      fetch: async (input, init) => {
        sent.push(new Request(input, init).headers.get('x-api-key') ?? '')
        return Response.json({ data: [] })
      },
    })
    expect(await failure(client.setApiKey('0a'.repeat(32)))).toMatchObject({
      code: 'api_key_malformed',
      hint: expect.stringContaining('SHA-256'),
    })
    expect(sent).toEqual([])
    const key = `lano_${'0a'.repeat(32)}`
    await client.setApiKey(key)
    await client.memory.list()
    expect(sent).toEqual([key])
    expect(digests).toEqual([])
  })
})
