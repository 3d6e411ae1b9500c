import { describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../../src/store/memory-store.ts'
import { nameOf, type StoreKey } from '../../src/store/store.ts'
import { settle } from '../support/async.ts'

const key: StoreKey = { issuer: 'https://a.example', clientId: 'cli', profile: 'default' }
const signedOut = { session: { status: 'signed-out' } } as const
const withKey = (value: string) => ({ ...signedOut, apiKey: { value } })

describe('memoryStore', () => {
  it('holds nothing at first', async () => {
    expect(await memoryStore().read(key)).toBeUndefined()
  })

  it('changes an entry only for who has seen its latest revision', async () => {
    const store = memoryStore()
    const first = await store.commit(key, undefined, withKey('1'))
    expect(first.ok).toBe(true)
    const seen = await store.read(key)
    expect(await store.commit(key, undefined, withKey('2'))).toEqual({ ok: false, current: seen })
    expect(await store.commit(key, 'other', withKey('2'))).toMatchObject({ ok: false })
    expect((await store.read(key))?.value.apiKey?.value).toBe('1')
    expect(await store.commit(key, seen?.revision, withKey('2'))).toMatchObject({ ok: true })
    expect((await store.read(key))?.value.apiKey?.value).toBe('2')
  })

  it('never uses a revision again, not even after a removal', async () => {
    const store = memoryStore()
    const revisions = new Set<string>()
    for (let round = 0; round < 3; round++) {
      await store.commit(key, undefined, signedOut)
      const { revision } = (await store.read(key)) ?? {}
      revisions.add(revision ?? '')
      await store.commit(key, revision, undefined)
      expect(await store.read(key)).toBeUndefined()
      expect(await store.commit(key, revision, signedOut)).toMatchObject({ ok: false })
    }
    expect(revisions.size).toBe(3)
  })

  it('keeps a copy, which nobody can change by reference', async () => {
    const store = memoryStore()
    const value = { ...signedOut, apiKey: { value: 'mine' } }
    await store.commit(key, undefined, value)
    value.apiKey.value = 'changed'
    expect((await store.read(key))?.value.apiKey?.value).toBe('mine')
  })

  it('★3 keeps entries apart that differ in any part of their key', async () => {
    const store = memoryStore()
    const others: StoreKey[] = [
      { ...key, issuer: 'https://a.example:3005' },
      { ...key, clientId: 'other' },
      { ...key, profile: 'work' },
      { ...key, resource: 'https://mcp.example' },
    ]
    await store.commit(key, undefined, withKey('mine'))
    for (const other of others) {
      expect(await store.read(other)).toBeUndefined()
      expect(await store.commit(other, undefined, withKey('other'))).toMatchObject({ ok: true })
    }
    expect((await store.read(key))?.value.apiKey?.value).toBe('mine')
    expect(new Set([key, ...others].map(nameOf)).size).toBe(5)
  })

  it('gives what it started with to the first who reads, and to nobody else', async () => {
    const store = memoryStore({ tokens: { accessToken: 'a.b.c', expiresAt: 12 }, apiKey: 'k' })
    expect((await store.read(key))?.value).toEqual({
      session: {
        status: 'signed-in',
        tokens: { accessToken: 'a.b.c', tokenType: 'Bearer', kind: 'jwt', expiresAt: 12 },
      },
      apiKey: { value: 'k' },
      legacyToken: undefined,
    })
    expect(await store.read({ ...key, issuer: 'https://other.example' })).toBeUndefined()
  })

  it('starts signed out with an API key alone', async () => {
    const entry = await memoryStore({ apiKey: 'k' }).read(key)
    expect(entry?.value).toMatchObject({
      session: { status: 'signed-out' },
      apiKey: { value: 'k' },
    })
  })

  it('★14 shows tokens to no other client than the one they were issued to', async () => {
    const store = memoryStore({ tokens: { accessToken: 'x' }, clientId: 'cli' })
    expect(await store.read({ ...key, clientId: 'other' })).toBeUndefined()
    expect((await store.read(key))?.value.session.status).toBe('signed-in')
  })

  it('tells who watches an entry of its changes, until they stop', async () => {
    const store = memoryStore()
    const mine = vi.fn()
    const others = vi.fn()
    const stop = store.watch?.(key, mine)
    store.watch?.({ ...key, profile: 'work' }, others)
    await store.commit(key, undefined, signedOut)
    await settle()
    expect([mine.mock.calls.length, others.mock.calls.length]).toEqual([1, 0])
    await store.commit(key, 'stale', signedOut)
    stop?.()
    await store.commit(key, (await store.read(key))?.revision, undefined)
    await settle()
    expect(mine).toHaveBeenCalledTimes(1)
  })

  it('says what it is', () => {
    expect(memoryStore().describe()).toEqual({
      kind: 'memory',
      persistent: false,
      encrypted: false,
      shared: 'process',
    })
  })
})
