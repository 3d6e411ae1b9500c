import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { guardKeychain } from '../../../src/node/keychain-store/guarded-keychain.ts'
import { failure } from '../../support/async.ts'
import { FakeKeychain } from '../../support/keychain.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const silent = { code: 'store_unavailable', message: expect.stringContaining('does not answer') }

function setup() {
  const backend = new FakeKeychain()
  return { backend, keychain: guardKeychain({ backend, timeoutMs: 5_000 }) }
}

/** A keychain with one call in it that hangs, and whose caller has given up. */
async function hanging() {
  const { backend, keychain } = setup()
  backend.state = 'hangs'
  const caller = failure(keychain.get('a'))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await caller).toMatchObject(silent)
  return { backend, keychain }
}

describe('a keychain that does not answer', () => {
  it('is waited for as long as the limit says', async () => {
    const { backend, keychain } = setup()
    backend.state = 'hangs'
    let ended = false
    const caller = failure(keychain.get('a')).finally(() => {
      ended = true
    })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(ended).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await caller).toMatchObject(silent)
  })

  it('is not asked again while a call hangs: all others fail at once', async () => {
    const { backend, keychain } = await hanging()
    for (let call = 0; call < 20; call++)
      expect(await failure(keychain.get('b'))).toMatchObject(silent)
    expect(backend.calls).toEqual(['get a'])
  })

  it('is used again as soon as the call that hung was answered', async () => {
    const { backend, keychain } = await hanging()
    backend.entries.set('b', 'a text')
    backend.wakeUp()
    await vi.advanceTimersByTimeAsync(0)
    expect(await keychain.get('b')).toBe('a text')
  })

  it('is given up after two minutes, in which a person may have answered it', async () => {
    const { backend } = await hanging()
    await vi.advanceTimersByTimeAsync(119_999)
    expect(backend.abandoned).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(backend.abandoned).toBe(1)
  })
})

describe('a keychain that refuses', () => {
  it('at once is asked again each time, and its words are for people', async () => {
    const { backend, keychain } = setup()
    backend.state = 'refuses'
    for (let call = 0; call < 3; call++) {
      expect(await failure(keychain.get('a'))).toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('it is locked'),
        hint: expect.stringContaining('Unlock'),
      })
    }
    expect(backend.calls).toHaveLength(3)
    backend.state = 'answers'
    expect(await keychain.get('a')).toBeUndefined()
  })

  it('after long counts as silent: one attempt from time to time, that all share', async () => {
    const { backend, keychain } = setup()
    backend.get = async (account) => {
      backend.calls.push(`get ${account}`)
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      throw new Error('Did not receive a reply')
    }
    const first = failure(keychain.get('a'))
    await vi.advanceTimersByTimeAsync(4_000)
    expect(await first).toMatchObject({ code: 'store_unavailable' })
    // At once.
    expect(await failure(keychain.get('b'))).toMatchObject(silent)
    expect(backend.calls).toEqual(['get a', 'get a'])
    await vi.advanceTimersByTimeAsync(2_000)
    const many = Promise.all(Array.from({ length: 20 }, () => failure(keychain.get('b'))))
    await vi.advanceTimersByTimeAsync(500)
    expect(await many).toHaveLength(20)
    expect(backend.calls).toEqual(['get a', 'get a', 'get probe'])
  })

  it('after long is asked once more, because the machine may be busy', async () => {
    const { backend, keychain } = setup()
    const answers = [() => Promise.reject(new Error('Did not receive a reply')), async () => 'text']
    backend.get = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      return answers.shift()?.()
    }
    const caller = keychain.get('a')
    await vi.advanceTimersByTimeAsync(4_000)
    expect(await caller).toBe('text')
  })

  it('has the whole time although its helper took long to start', async () => {
    const { backend, keychain } = setup()
    backend.entries.set('a', 'text')
    backend.ready = () => new Promise((resolve) => setTimeout(resolve, 9_000))
    const caller = keychain.get('a')
    await vi.advanceTimersByTimeAsync(9_000)
    expect(await caller).toBe('text')
  })

  it('shows nothing that looks like a credential', async () => {
    const { backend, keychain } = setup()
    backend.get = () => Promise.reject(new Error(`no ${'s3cret'.repeat(10)}`))
    expect(JSON.stringify(await failure(keychain.get('a')))).not.toContain('s3crets3cret')
  })
})
