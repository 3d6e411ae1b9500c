import { describe, expect, it } from 'vitest'
import type { CreatedApiKey } from '../../src/api-keys/types.ts'
import { AuthError } from '../../src/errors/auth-error.ts'
import type { Fetch } from '../../src/http/transport.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { Platform } from '../../src/testing.ts'
import { deferred, failure } from '../support/async.ts'
import { clientFor, platformAt, signedIn } from '../support/setup.ts'

const backup = { name: 'backup', scopes: ['memories:read'], expiresInDays: 30 }

/** The key of another program, and a person who replaces it. */
async function withForeignKey() {
  const { client, platform, store } = await signedIn({ platform: platformAt({ limits: false }) })
  const old = await client.apiKeys.create(backup)
  platform.requests.length = 0
  return { client, platform, old, store }
}

const states = ({ apiKeys }: Platform) => apiKeys.map(({ active }) => active)

describe('apiKeys.rotate(id, { handOver })', () => {
  it('★21 revokes the old key when the new one has been handed over, and not before', async () => {
    const { client, platform, old } = await withForeignKey()
    const seen: unknown[] = []
    const rotated = await client.apiKeys.rotate(old.id, {
      handOver: async ({ key }) => {
        const other = clientFor(platform, { apiKey: key })
        seen.push((await other.memory.list()).items, states(platform))
      },
    })
    expect(seen).toEqual([[], [true, true]])
    expect(states(platform)).toEqual([false, true])
    expect(rotated).toMatchObject({
      id: platform.apiKeys[1]?.id,
      key: expect.any(String),
      replaced: { id: old.id, revoked: true },
    })
    expect(platform.requestsTo('POST */rotate')).toEqual([])
  })

  it('makes the new key like the old one', async () => {
    const { client, platform, old } = await withForeignKey()
    await client.apiKeys.rotate(old.id, { handOver: () => {} })
    expect(platform.apiKeys[1]).toMatchObject({
      name: expect.stringMatching(/^backup-[0-9a-f]{8}$/),
      permissions: ['memories:read'],
      expiresAt: platform.apiKeys[0]?.expiresAt,
    })
  })

  it('★21 leaves the old key alone, and no new one, when it cannot be handed over', async () => {
    const { client, platform, old } = await withForeignKey()
    const closed = new Error('nobody reads')
    const handOver = () => Promise.reject(closed)
    expect(await failure(client.apiKeys.rotate(old.id, { handOver }))).toBe(closed)
    expect(states(platform)).toEqual([true, false])
  })

  it('★21 hands nothing over that does not work', async () => {
    const { client, platform, old } = await withForeignKey()
    platform.order({ match: 'POST /v1/auth/introspect', action: { status: 503 } })
    let handed = 0
    const handOver = () => {
      handed += 1
    }
    await failure(client.apiKeys.rotate(old.id, { handOver }))
    expect(handed).toBe(0)
    expect(states(platform)).toEqual([true, false])
  })

  it('says so when the old key could not be revoked: both live', async () => {
    const { client, platform, old } = await withForeignKey()
    platform.order({ match: 'POST */revoke', action: { status: 403 } })
    let handed = 0
    const handOver = () => {
      handed += 1
    }
    const rotated = await client.apiKeys.rotate(old.id, { handOver })
    expect(rotated.replaced).toMatchObject({
      id: old.id,
      revoked: false,
      error: { code: 'forbidden' },
    })
    expect('key' in rotated && rotated.key).toMatch(/./)
    expect(Object.keys(rotated)).not.toContain('key')
    expect(handed).toBe(1)
    expect(states(platform)).toEqual([true, true])
  })

  it('says so when the new key can neither be handed over nor be revoked', async () => {
    const { client, platform, old } = await withForeignKey()
    platform.order({ match: 'POST */revoke', action: { status: 403 } })
    const handOver = () => Promise.reject(new Error('nobody reads'))
    const error = await failure(client.apiKeys.rotate(old.id, { handOver }))
    const [, made] = platform.apiKeys
    expect(error).toMatchObject({
      code: 'api_key_left_over',
      message: expect.stringContaining(`${made?.id} is alive`),
      retryable: false,
    })
    expect(states(platform)).toEqual([true, true])
  })

  it.each([
    ['the caller gave up, of which programs say nothing', 'aborted'],
    ['the sign-in has ended, of which programs have words of their own', 'session_expired'],
  ] as const)('names the key that is left when %s', async (_, code) => {
    const { client, platform, old } = await withForeignKey()
    platform.order({ match: 'POST */revoke', action: { status: 403 } })
    const handOver = () => Promise.reject(new AuthError(code, 'It went wrong.'))
    expect(await failure(client.apiKeys.rotate(old.id, { handOver }))).toMatchObject({
      code: 'api_key_left_over',
      hint: expect.stringContaining(`Revoke the key ${platform.apiKeys[1]?.id}`),
      cause: { code },
    })
  })

  it('refuses a key that is revoked: a new one would bring it back', async () => {
    const { client, platform, old } = await withForeignKey()
    await client.apiKeys.revoke(old.id)
    const outcome = await failure(client.apiKeys.rotate(old.id, { handOver: () => {} }))
    expect(outcome).toMatchObject({ code: 'validation_failed' })
    expect(states(platform)).toEqual([false])
  })

  it('comes to its end when it is aborted after the new key was handed over', async () => {
    const { client, platform, old } = await withForeignKey()
    const stop = new AbortController()
    const { signal } = stop
    await client.apiKeys.rotate(old.id, { signal, handOver: () => stop.abort() })
    expect(states(platform)).toEqual([false, true])
  })

  it('★21 aborted while the new key is tried, leaves the old one, and no other', async () => {
    const { client, platform, old } = await withForeignKey()
    const stop = new AbortController()
    const hang = platform.order({ match: 'POST /v1/auth/introspect', action: 'hang' })
    const handOver = () => {
      throw new Error('It was handed over.')
    }
    const outcome = failure(client.apiKeys.rotate(old.id, { signal: stop.signal, handOver }))
    await expect.poll(() => platform.requestsTo('POST /v1/auth/introspect').length).toBe(1)
    stop.abort()
    expect(await outcome).toMatchObject({ code: 'aborted' })
    hang()
    expect(states(platform)).toEqual([true, false])
  })

  it.each([1, 2, 3, 4])(
    '★21 leaves a key that works where it is used when the process dies at its request %i',
    async (step) => {
      const { platform, old, store } = await withForeignKey()
      const died = deferred()
      let requests = 0
      const fetch: Fetch = async (input, init) => {
        requests += 1
        const answer = await platform.fetch(input, init)
        if (requests < step) return answer
        died.resolve()
        return new Promise(() => {})
      }
      let inUse = old.key
      const handOver = ({ key }: CreatedApiKey) => {
        inUse = key
      }
      const dying = clientFor(platform, { store, fetch })
      dying.apiKeys.rotate(old.id, { handOver }).catch(() => {})
      await died.promise
      const other = clientFor(platform, { apiKey: inUse })
      expect((await other.memory.list()).items).toEqual([])
      expect(inUse === old.key).toBe(step < 4)
    },
  )

  it('forgets the stored key where that is the one that died, behind a key that was given', async () => {
    const platform = platformAt()
    const store = memoryStore({ tokens: await platform.issueTokens() })
    const { id = '' } = await clientFor(platform, { store }).apiKeys.ensure(backup)
    const { key: apiKey } = await platform.createApiKey()
    const client = clientFor(platform, { store, apiKey })
    await client.apiKeys.rotate(id, { handOver: () => {} })
    expect((await clientFor(platform, { store }).getSession()).apiKey).toBeUndefined()
  })

  it('says that there is no such key, and makes none', async () => {
    const { client, platform } = await withForeignKey()
    const outcome = await failure(client.apiKeys.rotate('nothing', { handOver: () => {} }))
    expect(outcome).toMatchObject({ code: 'not_found' })
    expect(platform.apiKeys).toHaveLength(1)
  })

  it('hands nothing over when it is the key in use, which is stored', async () => {
    const { client, platform } = await withForeignKey()
    const own = await client.apiKeys.ensure({ name: 'mine' })
    const handOver = () => {
      throw new Error('It was handed over.')
    }
    expect(await client.apiKeys.rotate(own.id ?? '', { handOver })).toMatchObject({ created: true })
    expect(states(platform)).toEqual([true, false, true])
  })
})

describe('apiKeys.create(key, { handOver })', () => {
  it('hands the key over and returns it', async () => {
    const { client, platform } = await signedIn()
    const handed: string[] = []
    const created = await client.apiKeys.create(backup, {
      handOver: ({ key }) => void handed.push(key),
    })
    expect(handed).toEqual([created.key])
    expect(states(platform)).toEqual([true])
  })

  it('leaves no key that nobody has', async () => {
    const { client, platform } = await signedIn()
    const closed = new Error('nobody reads')
    const handOver = () => Promise.reject(closed)
    expect(await failure(client.apiKeys.create(backup, { handOver }))).toBe(closed)
    expect(states(platform)).toEqual([false])
  })

  it('says so when it cannot be revoked either', async () => {
    const { client, platform } = await signedIn()
    platform.order({ match: 'POST */revoke', action: { status: 403 } })
    const handOver = () => Promise.reject(new Error('nobody reads'))
    expect(await failure(client.apiKeys.create(backup, { handOver }))).toMatchObject({
      code: 'api_key_left_over',
      status: 403,
      retryable: false,
      hint: expect.stringContaining(`Revoke the key ${platform.apiKeys[0]?.id}`),
    })
  })
})
