import type { TokenStore } from '../../store/store.ts'
import { expectEqual, expectFailure, expectThat } from './assert.ts'
import type { ContractCase, CorruptionOptions, StorePlace } from './options.ts'
import { another, fullAccount, otherKeys, put, sampleKey, signedIn } from './samples.ts'

export const destructionCases: readonly ContractCase[] = [
  {
    name: 'is gone once it is destroyed, for everybody',
    async run(place) {
      await put(place, fullAccount)
      const others = await another(place)
      await destroy(place.store)
      for (const reader of [place.store, others, await another(place)]) {
        expectEqual(await reader.read(sampleKey), undefined, 'the entry')
      }
    },
  },
  {
    name: 'can be destroyed where there is nothing, and twice',
    async run(place) {
      await destroy(place.store)
      await put(place, signedIn('ada'))
      await destroy(place.store)
      await destroy(await another(place))
      expectEqual(await place.store.read(sampleKey), undefined, 'the entry')
    },
  },
  {
    name: '★3 is destroyed without anything of other accounts',
    async run(place) {
      await put(place, signedIn('mine'))
      for (const key of otherKeys) await put({ ...place, key }, signedIn(JSON.stringify(key)))
      await destroy(place.store)
      const reader = await another(place)
      expectEqual(await reader.read(sampleKey), undefined, 'the entry that was destroyed')
      for (const key of otherKeys) {
        const expected = signedIn(JSON.stringify(key))
        expectEqual((await reader.read(key))?.value, expected, 'what is under another key')
      }
    },
  },
  {
    name: 'never comes back under an old revision',
    async run(place) {
      const first = await put(place, signedIn('ada'))
      await destroy(place.store)
      const late = await place.store.commit(sampleKey, first, signedIn('late'))
      expectEqual(late, { ok: false, current: undefined }, 'the answer to a late commit')
      const second = await put({ store: await another(place) }, signedIn('ada'))
      expectThat(first !== second, 'a revision differs from those before the destruction')
      expectEqual((await place.store.read(sampleKey))?.value, signedIn('ada'), 'the new entry')
    },
  },
]

export function destroyedDamageCases<Place extends StorePlace>({
  damage,
  isKept,
  isShared = false,
}: CorruptionOptions<Place>): readonly ContractCase<Place>[] {
  return [
    {
      name: 'is destroyed although nobody can read it',
      async run(place) {
        await put(place, fullAccount)
        await damage(place)
        // What others may have lost is told once.
        if (isShared) await expectFailure(destroy(place.store), 'store_corrupt')
        await destroy(place.store)
        expectEqual(await place.store.read(sampleKey), undefined, 'the entry')
        expectEqual(await isKept(place), isShared, 'whether the damaged content is kept')
      },
    },
    {
      name: 'is destroyed with what was set aside of it, unless it may be of others',
      async run(place) {
        await put(place, fullAccount)
        await damage(place)
        await expectFailure(place.store.read(sampleKey), 'store_corrupt')
        await destroy(place.store)
        expectEqual(await isKept(place), isShared, 'whether the damaged content is kept')
      },
    },
  ]
}

async function destroy(store: TokenStore): Promise<void> {
  expectThat(
    store.destroy !== undefined,
    'a store can be destroyed; if not by design, say so in `without`',
  )
  await store.destroy?.(sampleKey)
}
