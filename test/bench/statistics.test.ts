import { describe, expect, it } from 'vitest'
import { perSecond } from './per-second.mjs'
import { interleave, median, ratioTo } from './statistics.mjs'

describe('median', () => {
  it.each([
    [[3], 3],
    [[10, 9, 100], 10],
    [[4, 1, 2, 3], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  it('leaves the values as they were', () => {
    const values = [2, 1]
    median(values)
    expect(values).toEqual([2, 1])
  })
})

describe('ratioTo', () => {
  it('compares within each round, so that a slow round does not count', () => {
    expect(ratioTo([100, 10, 100], [90, 9, 80])).toBeCloseTo(0.9)
  })
})

describe('interleave', () => {
  it('lets all take part in each round, each of them begin in turn, and drops a warm-up', async () => {
    const order: string[] = []
    const contender = (name: string) => async () => {
      order.push(name)
      return order.length
    }
    const results = await interleave([contender('a'), contender('b'), contender('c')], 2)
    expect(order.join('')).toBe('abcbcacab')
    expect(results).toEqual([
      [6, 8],
      [4, 9],
      [5, 7],
    ])
  })

  it('fails with the first that fails', async () => {
    const broken = () => Promise.reject(new Error('It does not work.'))
    await expect(interleave([broken], 1)).rejects.toThrow('It does not work.')
  })
})

describe('perSecond', () => {
  it('is the count by the time that the work took', async () => {
    const value = await perSecond(1_000, () => new Promise((resolve) => setTimeout(resolve, 20)))
    expect(value).toBeGreaterThan(0)
    // A timer may fire a millisecond early.
    expect(value).toBeLessThanOrEqual(1_000 / 0.019)
  })
})
