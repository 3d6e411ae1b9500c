import { describe, expect, it, vi } from 'vitest'
import { pageRequest } from '../../src/memory/page-request.ts'
import { failure } from '../support/async.ts'

const numbers = (count: number, size: number) =>
  vi.fn(async (offset = 0) => {
    const items = Array.from({ length: Math.min(size, count - offset) }, (_, at) => offset + at)
    return { items, limit: size, offset, total: count, hasMore: offset + items.length < count }
  })

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of list) items.push(item)
  return items
}

describe('pageRequest', () => {
  it('reads nothing before it is used', () => {
    const read = numbers(5, 2)
    pageRequest(read)
    expect(read).not.toHaveBeenCalled()
  })

  it('is one page when it is awaited, however often', async () => {
    const read = numbers(5, 2)
    const list = pageRequest(read)
    expect((await list).items).toEqual([0, 1])
    expect((await list).items).toEqual([0, 1])
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('is everything when it is iterated', async () => {
    const read = numbers(5, 2)
    expect(await all(pageRequest(read))).toEqual([0, 1, 2, 3, 4])
    expect(read.mock.calls).toEqual([[], [2], [4]])
  })

  it('reads a page only when the one before is used up', async () => {
    const read = numbers(5, 2)
    for await (const item of pageRequest(read)) if (item === 1) break
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('ends at an empty page, though the service promises more', async () => {
    const read = vi.fn(async () => ({ items: [], limit: 2, offset: 0, hasMore: true }))
    expect(await all(pageRequest(read))).toEqual([])
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('passes a failure on, either way', async () => {
    const list = () => pageRequest<number>(() => Promise.reject(new Error('no')))
    expect(await failure(list())).toMatchObject({ message: 'no' })
    expect(await failure(all(list()))).toMatchObject({ message: 'no' })
  })
})
