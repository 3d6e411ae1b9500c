import { describe, expect, it } from 'vitest'
import { singleFlight } from '../../src/async/single-flight.ts'
import { deferred, failure } from '../support/async.ts'

describe('singleFlight', () => {
  it('runs the work once for all who ask while it is under way', async () => {
    const { promise, resolve } = deferred<number>()
    let runs = 0
    const ask = singleFlight(() => {
      runs += 1
      return promise
    })
    const asked = [ask(), ask(), ask()]
    resolve(7)
    expect(await Promise.all(asked)).toEqual([7, 7, 7])
    expect(runs).toBe(1)
  })

  it('starts anew after a success and after a failure', async () => {
    let runs = 0
    const ask = singleFlight(async () => {
      runs += 1
      if (runs === 1) throw new Error('first')
      return runs
    })
    expect(await failure(ask())).toMatchObject({ message: 'first' })
    expect(await ask()).toBe(2)
    expect(await ask()).toBe(3)
  })

  it('gives the same failure to everybody who joined', async () => {
    const ask = singleFlight(() => Promise.reject(new Error('no')))
    const [one, other] = await Promise.all([failure(ask()), failure(ask())])
    expect(one).toBe(other)
  })

  it('starts another one for who is not served by what is under way, and later ones join that', async () => {
    const started: number[] = []
    const ask = singleFlight(
      (least: number) => {
        started.push(least)
        return Promise.resolve(least)
      },
      ([underWay], [asked]) => underWay >= asked,
    )
    expect(await Promise.all([ask(1), ask(0), ask(5), ask(2)])).toEqual([1, 1, 5, 5])
    expect(started).toEqual([1, 5])
    expect(await ask(0)).toBe(0)
  })
})
