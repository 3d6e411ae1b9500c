import type { TokenStore } from '../../store/store.ts'
import { expectEqual } from './assert.ts'
import type { ContractCase } from './options.ts'
import { counted, countOf, put, sampleKey, several, signedIn } from './samples.ts'

export const concurrencyCases: readonly ContractCase[] = [
  {
    name: 'lets exactly one of many first commits through',
    async run(place) {
      const stores = await several(place, 8)
      const results = await Promise.all(
        stores.map((store, index) => store.commit(sampleKey, undefined, counted(index))),
      )
      const winners = results.flatMap(({ ok }, index) => (ok ? [index] : []))
      expectEqual(winners.length, 1, 'the number of commits that went through')
      expectEqual(countOf((await place.store.read(sampleKey))?.value), winners[0], 'the entry')
    },
  },
  {
    name: 'lets exactly one of many commits over the same revision through, again and again',
    async run(place) {
      const stores = await several(place, 8)
      let revision = await put(place, counted(0))
      for (let round = 0; round < 5; round++) {
        const results = await Promise.all(
          stores.map((store, index) => store.commit(sampleKey, revision, counted(index))),
        )
        const winners = results.flatMap((result, index) =>
          result.ok ? [{ index, revision: result.revision }] : [],
        )
        expectEqual(winners.length, 1, 'the number of commits that went through')
        const entry = await place.store.read(sampleKey)
        expectEqual(countOf(entry?.value), winners[0]?.index, 'the entry')
        expectEqual(entry?.revision, winners[0]?.revision, 'the revision')
        revision = entry?.revision ?? ''
      }
    },
  },
  {
    name: 'loses no change of many who read, change and commit until they succeed',
    async run(place) {
      const stores = await several(place, 6)
      await Promise.all(stores.map((store) => countTo(store, 5)))
      expectEqual(countOf((await place.store.read(sampleKey))?.value), 30, 'the count')
    },
  },
  {
    name: 'loses no entry when many are written at once',
    async run(place) {
      const keys = Array.from({ length: 20 }, (_, index) => ({
        ...sampleKey,
        profile: `profile-${index}`,
      }))
      const stores = await several(place, keys.length)
      await Promise.all(
        stores.map((store, index) =>
          put({ store, key: keys[index] ?? sampleKey }, signedIn(`${index}`)),
        ),
      )
      for (const [index, key] of keys.entries()) {
        expectEqual((await place.store.read(key))?.value, signedIn(`${index}`), key.profile)
      }
    },
  },
]

async function countTo(store: TokenStore, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const entry = await store.read(sampleKey)
    const next = counted(countOf(entry?.value) + 1)
    const { ok } = await store.commit(sampleKey, entry?.revision, next)
    if (ok) done += 1
  }
}
