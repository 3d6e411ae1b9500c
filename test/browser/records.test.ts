import { describe, expect, it } from 'vitest'
import { isAt, replace } from '../../src/browser/indexed-db/records.ts'

/** As much of an object store as one transaction of `replace` asks for. */
function recordsWith(content: Record<string, unknown>) {
  const request = (result: unknown) => {
    const made: { result: unknown; onsuccess?: () => void } = { result }
    queueMicrotask(() => made.onsuccess?.())
    return made
  }
  const records = {
    get: (name: string) => request(content[name]),
    put(value: unknown, name: string) {
      content[name] = value
      return request(name)
    },
    delete: (name: string) => request(Reflect.deleteProperty(content, name)),
  }
  return records as unknown as IDBObjectStore
}

const key = {}
const stored = { revision: 'r1', passkey: 'of a newer version' }
const next = { secretId: 'one', fields: { revision: 'r2' } }

describe('replacing a record', () => {
  it('writes over the revision that it was sealed for, and keeps what it does not know', async () => {
    const content = { key: { id: 'one', key }, a: stored }
    const swap = { name: 'a', expectedRevision: 'r1', next }
    expect(await replace(recordsWith(content), swap)).toBe(true)
    expect(content.a).toEqual({ revision: 'r2', passkey: 'of a newer version' })
  })

  it.each([
    ['another revision', { key: { id: 'one', key }, a: { revision: 'r0' } }],
    ['no record any more', { key: { id: 'one', key } }],
    ['another secret, made after everything was removed', { key: { id: 'two', key }, a: stored }],
    ['no secret any more', { a: stored }],
  ])('writes nothing over %s', async (_what, content) => {
    const before = structuredClone(content)
    const swap = { name: 'a', expectedRevision: 'r1', next }
    expect(await replace(recordsWith(content), swap)).toBe(false)
    expect(content).toEqual(before)
  })

  it('removes without a secret as well', async () => {
    const content = { a: stored }
    const swap = { name: 'a', expectedRevision: 'r1', next: undefined }
    expect(await replace(recordsWith(content), swap)).toBe(true)
    expect(content).toEqual({})
  })
})

describe('a record', () => {
  it('is never taken for none, whatever is wrong with it', () => {
    expect(isAt('not even an object', undefined)).toBe(false)
    expect(isAt({}, undefined)).toBe(false)
    expect(isAt(undefined, undefined)).toBe(true)
    expect(isAt(undefined, 'r1')).toBe(false)
  })
})
