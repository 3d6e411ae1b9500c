import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import { type CollectionName, createCollection } from '../../src/memory/collection.ts'
import { deferred, failure, settle } from '../support/async.ts'

const notFound = new AuthError('not_found', 'Nothing here.')

/** A deployment that has these collections, and what it was asked. */
function deployment(...collections: CollectionName[]) {
  const probed: CollectionName[] = []
  const asked: CollectionName[] = []
  const { reach } = createCollection(async (name) => {
    probed.push(name)
    return collections.includes(name)
  })
  const get = (found = true) =>
    reach(async (name) => {
      asked.push(name)
      if (!collections.includes(name) || !found) throw notFound
      return name
    })
  return { get, probed, asked }
}

describe('the name of the collection', () => {
  it("is the roadmap's where that is there, without asking", async () => {
    const { get, probed, asked } = deployment('memory', 'memories')
    await get()
    expect([probed, asked]).toEqual([[], ['memory']])
  })

  it('is found out once where it is another', async () => {
    const { get, probed, asked } = deployment('memories')
    expect([await get(), await get()]).toEqual(['memories', 'memories'])
    expect([probed, asked]).toEqual([['memories'], ['memory', 'memories', 'memories']])
  })

  it('is not looked for when a memory is missing', async () => {
    const { get, probed } = deployment('memory')
    await get()
    expect(await failure(get(false))).toBe(notFound)
    expect(probed).toEqual([])
  })

  it('is looked for once when the very first memory is missing', async () => {
    const { get, probed } = deployment('memory')
    expect(await failure(get(false))).toBe(notFound)
    expect(await failure(get(false))).toBe(notFound)
    expect(probed).toEqual(['memories'])
  })

  it('stays open while the deployment cannot be asked', async () => {
    let answers: boolean | undefined
    const { reach } = createCollection(async () => answers)
    const send = (name: CollectionName) =>
      name === 'memories' ? Promise.resolve(name) : Promise.reject(notFound)
    expect(await failure(reach(send))).toBe(notFound)
    answers = true
    expect(await reach(send)).toBe('memories')
  })

  it('is looked for once for calls at the same time', async () => {
    const { get, probed } = deployment('memories')
    expect(await Promise.all([get(), get(), get()])).toEqual(Array(3).fill('memories'))
    expect(probed).toEqual(['memories'])
  })

  it('is the one found by another call that was under way', async () => {
    const { reach } = createCollection(async () => true)
    const late = deferred<CollectionName>()
    const slow = reach((name) => (name === 'memories' ? Promise.resolve(name) : late.promise))
    const quick = reach((name) =>
      name === 'memories' ? Promise.resolve(name) : Promise.reject(notFound),
    )
    expect(await quick).toBe('memories')
    late.reject(notFound)
    expect(await slow).toBe('memories')
  })

  it('is looked for once for calls at the same time, all for what is missing', async () => {
    const { get, probed } = deployment('memory')
    const calls = Array.from({ length: 3 }, () => failure(get(false)))
    expect(await Promise.all(calls)).toEqual(Array(3).fill(notFound))
    expect(probed).toEqual(['memories'])
  })

  it('is not waited for when the caller gives up, and goes on being looked for', async () => {
    const found = deferred<boolean>()
    const { reach } = createCollection(() => found.promise)
    const controller = new AbortController()
    const send = (name: CollectionName) =>
      name === 'memories' ? Promise.resolve(name) : Promise.reject(notFound)
    const waiting = failure(reach(send, controller.signal))
    const patient = reach(send)
    await settle()
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'aborted' })
    found.resolve(true)
    expect(await patient).toBe('memories')
  })

  it('is not the matter of any other failure', async () => {
    const { reach } = createCollection(() => Promise.reject(new Error('not asked')))
    const busy = new AuthError('service_unavailable', 'Busy.')
    expect(await failure(reach(() => Promise.reject(busy)))).toBe(busy)
  })
})
