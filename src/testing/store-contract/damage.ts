import { isAuthError } from '../../errors/auth-error.ts'
import type { TokenStore } from '../../store/store.ts'
import { expectEqual, expectFailure, expectThat } from './assert.ts'
import type { ContractCase, CorruptionOptions, StorePlace } from './options.ts'
import { fullAccount, put, sampleKey, several, signedIn } from './samples.ts'

export function damageCases<Place extends StorePlace>({
  damage,
  isKept,
}: CorruptionOptions<Place>): readonly ContractCase<Place>[] {
  async function damaged(place: Place): Promise<TokenStore> {
    await put(place, fullAccount)
    await damage(place)
    return place.store
  }

  return [
    {
      name: 'reports damaged content once as store_corrupt, and never as nothing stored',
      async run(place) {
        const store = await damaged(place)
        const error = await expectFailure(store.read(sampleKey), 'store_corrupt')
        expectThat(!JSON.stringify(error).includes('-of-everything'), 'the error shows no secret')
        expectEqual(await store.read(sampleKey), undefined, 'the entry after the report')
      },
    },
    {
      name: 'does not commit over damaged content',
      async run(place) {
        const store = await damaged(place)
        await expectFailure(store.commit(sampleKey, undefined, signedIn('ada')), 'store_corrupt')
        expectEqual(await isKept(place), true, 'whether the damaged content is kept')
      },
    },
    {
      name: 'keeps damaged content although somebody signs in again',
      async run(place) {
        const store = await damaged(place)
        await expectFailure(store.read(sampleKey), 'store_corrupt')
        await put(place, signedIn('ada'))
        expectEqual((await store.read(sampleKey))?.value, signedIn('ada'), 'the new entry')
        expectEqual(await isKept(place), true, 'whether the damaged content is kept')
      },
    },
    {
      name: 'reports damaged content to one of many who meet it at the same time',
      async run(place) {
        await damaged(place)
        const stores = await several(place, 5)
        const results = await Promise.allSettled(stores.map((store) => store.read(sampleKey)))
        const failures = results.flatMap((result) =>
          result.status === 'rejected' ? [result.reason] : [],
        )
        expectEqual(failures.length, 1, 'the number of failures')
        expectThat(isAuthError(failures[0], 'store_corrupt'), 'the failure is store_corrupt')
      },
    },
  ]
}
