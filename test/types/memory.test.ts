import type {
  FoundMemory,
  Memory,
  MemoryApi,
  MemoryStats,
  MemoryType,
  Page,
  PageRequest,
} from '@lanonasis/auth-client'
import { describe, expectTypeOf, it } from 'vitest'

describe('a list of memories', () => {
  it('is a page when it is awaited', () => {
    expectTypeOf<ReturnType<MemoryApi['list']>>().toEqualTypeOf<PageRequest<Memory>>()
    expectTypeOf<Awaited<PageRequest<Memory>>>().toEqualTypeOf<Page<Memory>>()
    expectTypeOf<Awaited<ReturnType<MemoryApi['search']>>>().toEqualTypeOf<Page<FoundMemory>>()
  })

  it('is its items when it is iterated', () => {
    const read = async (memories: MemoryApi) => {
      for await (const memory of memories.list()) expectTypeOf(memory).toEqualTypeOf<Memory>()
      for await (const found of memories.search({ query: 'q' })) {
        expectTypeOf(found).toEqualTypeOf<FoundMemory>()
        expectTypeOf(found.score).toEqualTypeOf<number | undefined>()
      }
      const { items, total, limit, offset, hasMore } = await memories.list({ tags: ['a'] })
      expectTypeOf(items).toEqualTypeOf<readonly Memory[]>()
      expectTypeOf(total).toEqualTypeOf<number | undefined>()
      expectTypeOf<[typeof limit, typeof offset, typeof hasMore]>().toEqualTypeOf<
        [number, number, boolean]
      >()
    }
    expectTypeOf(read).toBeFunction()
  })

  it('can be passed to whatever waits for a promise', () => {
    const both = (memories: MemoryApi) => Promise.all([memories.list(), memories.stats()])
    expectTypeOf(both).returns.resolves.toEqualTypeOf<[Page<Memory>, MemoryStats]>()
  })
})

describe('a memory', () => {
  it('has every field but its dates, whatever the service sent', () => {
    expectTypeOf<Memory>().toEqualTypeOf<{
      readonly id: string
      readonly title: string
      readonly content: string
      readonly type: MemoryType
      readonly tags: readonly string[]
      readonly metadata: Readonly<Record<string, unknown>>
      readonly createdAt?: Date
      readonly updatedAt?: Date
      readonly raw: Readonly<Record<string, unknown>>
    }>()
  })

  it('is of a type that is open, and completed by editors', () => {
    expectTypeOf<'context'>().toExtend<MemoryType>()
    expectTypeOf<'a-type-of-the-future'>().toExtend<MemoryType>()
    expectTypeOf<number>().not.toExtend<MemoryType>()
  })
})

describe('what can be asked', () => {
  it('is checked', () => {
    const calls = async (memories: MemoryApi, signal: AbortSignal) => {
      expectTypeOf(await memories.create({ title: 'T', content: 'C' })).toEqualTypeOf<Memory>()
      expectTypeOf(await memories.get('m1', { signal })).toEqualTypeOf<Memory>()
      expectTypeOf(await memories.update('m1', { tags: [] })).toEqualTypeOf<Memory>()
      expectTypeOf(await memories.delete('m1')).toEqualTypeOf<void>()
      expectTypeOf(await memories.stats()).toEqualTypeOf<MemoryStats>()
      // @ts-expect-error -- there is nothing to remember
      await memories.create({ title: 'T' })
      // @ts-expect-error -- there is nothing to search for
      await memories.search({})
      // @ts-expect-error -- an update is not made safe to repeat by a key
      await memories.update('m1', { idempotencyKey: 'x' })
      // @ts-expect-error -- tags are a list
      await memories.list({ tags: 'a,b' })
    }
    expectTypeOf(calls).toBeFunction()
  })
})
