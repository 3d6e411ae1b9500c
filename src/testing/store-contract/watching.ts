import type { TokenStore } from '../../store/store.ts'
import { eventually, expectEqual, expectThat, pause } from './assert.ts'
import type { ContractCase } from './options.ts'
import { another, put, sampleKey, signedIn } from './samples.ts'

export function watchingCases(withinMs: number): readonly ContractCase[] {
  const told = (calls: () => number, count: number, what: string) =>
    eventually(() => calls() >= count, { withinMs, statement: `${what} is told` })

  return [
    {
      name: 'tells of the first commit, of a change and of a removal by somebody else',
      async run(place) {
        const others = await another(place)
        const { calls, stop } = watch(place.store)
        try {
          for (const account of [signedIn('ada'), signedIn('grace'), undefined]) {
            const before = calls()
            await put({ store: others }, account)
            await told(calls, before + 1, 'a change')
          }
        } finally {
          stop()
        }
      },
    },
    {
      name: 'tells of a change when it can be read',
      async run(place) {
        const others = await another(place)
        let found: Promise<unknown> | undefined
        const { calls, stop } = watch(place.store, () => {
          found = place.store.read(sampleKey)
        })
        try {
          await put({ store: others }, signedIn('ada'))
          await told(calls, 1, 'a change')
          const revision = (await others.read(sampleKey))?.revision
          expectEqual(await found, { value: signedIn('ada'), revision }, 'what is read then')
        } finally {
          stop()
        }
      },
    },
    {
      name: 'tells everybody who watches',
      async run(place) {
        const watchers = [watch(place.store), watch(place.store), watch(await another(place))]
        try {
          await put({ store: await another(place) }, signedIn('ada'))
          for (const { calls } of watchers) await told(calls, 1, 'a change')
        } finally {
          for (const { stop } of watchers) stop()
        }
      },
    },
    {
      name: 'says nothing when nothing has changed: reads, refused commits, other entries',
      async run(place) {
        const others = await another(place)
        await put({ store: others }, signedIn('ada'))
        const { calls, stop } = watch(place.store)
        try {
          await others.read(sampleKey)
          await others.commit(sampleKey, 'never', signedIn('late'))
          await put({ store: others, key: { ...sampleKey, profile: 'work' } }, signedIn('grace'))
          await pause(withinMs / 2)
          expectEqual(calls(), 0, 'the number of calls')
        } finally {
          stop()
        }
      },
    },
    {
      name: 'says nothing after it was stopped, and can be stopped twice',
      async run(place) {
        const others = await another(place)
        const stopped = watch(place.store)
        const going = watch(place.store)
        try {
          stopped.stop()
          stopped.stop()
          await put({ store: others }, signedIn('ada'))
          await told(going.calls, 1, 'a change')
          expectEqual(stopped.calls(), 0, 'the number of calls')
        } finally {
          going.stop()
        }
      },
    },
  ]
}

function watch(store: TokenStore, listener = () => {}) {
  let calls = 0
  const stop = store.watch?.(sampleKey, () => {
    calls += 1
    listener()
  })
  expectThat(stop !== undefined, 'the store can be watched; if not by design, say so in `without`')
  return { calls: () => calls, stop: () => stop?.() }
}
