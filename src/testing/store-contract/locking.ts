import type { Lock } from '../../lock/lock.ts'
import type { TokenStore } from '../../store/store.ts'
import { eventually, expectEqual, expectFailure, expectThat, pause } from './assert.ts'
import type { ContractCase, StorePlace } from './options.ts'
import { another, put, sampleKey, several, signedIn } from './samples.ts'

const patient = { timeoutMs: 60_000 }

export const lockingCases: readonly ContractCase[] = [
  {
    name: 'lets one in at a time, over all who share the place',
    async run(place) {
      const stores = await several(place, 6)
      let inside = 0
      let most = 0
      let turns = 0
      const work = async () => {
        inside += 1
        most = Math.max(most, inside)
        await pause(1)
        turns += 1
        inside -= 1
      }
      await Promise.all(
        stores.map(async (store) => {
          for (let turn = 0; turn < 4; turn++) await lockOf(store).withLock('a', patient, work)
        }),
      )
      expectEqual(most, 1, 'the largest number of holders')
      expectEqual(turns, 24, 'the number of turns')
    },
  },
  {
    name: 'keeps names apart',
    async run(place) {
      const [first, second] = await two(place)
      const result = await first.withLock('a', patient, () =>
        second.withLock('b', patient, async () => 'inside'),
      )
      expectEqual(result, 'inside', 'what came of the second lock')
    },
  },
  {
    name: 'gives back what its work gives, and hands on after a failure',
    async run(place) {
      const [first, second] = await two(place)
      const failure = new Error('The work failed.')
      const found = await first
        .withLock('a', patient, () => Promise.reject(failure))
        .catch((error: unknown) => error)
      expectThat(found === failure, 'who called gets the failure of its work')
      expectEqual(await second.withLock('a', patient, async () => 'next'), 'next', 'the result')
    },
  },
  {
    name: 'fails with lock_timeout when the wait is too long, and the work is not done',
    async run(place) {
      const [first, second] = await two(place)
      let entered = false
      await first.withLock('a', patient, async () => {
        const waiting = second.withLock('a', { timeoutMs: 50 }, async () => {
          entered = true
        })
        await expectFailure(waiting, 'lock_timeout')
      })
      expectEqual(entered, false, 'whether the work was done')
      expectEqual(await second.withLock('a', patient, async () => 'free'), 'free', 'the lock after')
    },
  },
  {
    name: 'fails with aborted as soon as its caller gives up, and lets the others have their turn',
    async run(place) {
      const [first, second] = await two(place)
      await first.withLock('a', patient, async () => {
        const controller = new AbortController()
        const limits = { ...patient, signal: controller.signal }
        const waiting = second.withLock('a', limits, async () => {})
        const aborting = pause(20).then(() => controller.abort())
        await Promise.all([expectFailure(waiting, 'aborted'), aborting])
      })
      const limits = { ...patient, signal: AbortSignal.abort() }
      await expectFailure(
        first.withLock('a', limits, async () => {}),
        'aborted',
      )
      expectEqual(await second.withLock('a', patient, async () => 'free'), 'free', 'the lock after')
    },
  },
  {
    name: 'tells a holder that it holds the lock, and lets it read and commit',
    async run(place) {
      await lockOf(place.store).withLock('a', patient, async (lease) => {
        expectEqual(await lease.isHeld(), true, 'whether it is held')
        await put(place, signedIn('ada'))
        expectEqual((await place.store.read(sampleKey))?.value, signedIn('ada'), 'the entry')
        expectEqual(await lease.isHeld(), true, 'whether it is held still')
      })
    },
  },
  {
    name: 'hands on to who waits as soon as the holder leaves',
    async run(place) {
      const [first, second] = await two(place)
      let entered = false
      let waiting: Promise<void> | undefined
      await first.withLock('a', patient, async () => {
        waiting = second.withLock('a', patient, async () => {
          entered = true
        })
        await pause(30)
        expectEqual(entered, false, 'whether the second is inside while the first is')
      })
      await eventually(() => entered, { withinMs: 2_000, statement: 'the next one enters' })
      await waiting
    },
  },
]

async function two(place: StorePlace): Promise<readonly [Lock, Lock]> {
  return [lockOf(place.store), lockOf(await another(place))]
}

function lockOf({ lock }: TokenStore): Lock {
  if (lock !== undefined) return lock
  throw new Error('The store contract expects a lock; if not by design, say so in `without`.')
}
