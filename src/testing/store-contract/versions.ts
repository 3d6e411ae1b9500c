import { expectEqual } from './assert.ts'
import type { ContractCase, NewerVersionOptions, StorePlace } from './options.ts'
import { another, put, sampleKey, signedIn } from './samples.ts'

export function versionCases<Place extends StorePlace>({
  addField,
  hasField,
}: NewerVersionOptions<Place>): readonly ContractCase<Place>[] {
  const work = { ...sampleKey, profile: 'work' }
  const expectField = async (place: Place) =>
    expectEqual(await hasField(place, sampleKey), true, 'whether the unknown field is kept')

  return [
    {
      name: 'reads what a newer version has written, as far as it knows it',
      async run(place) {
        await put(place, signedIn('ada'))
        await addField(place, sampleKey)
        const reader = await another(place)
        expectEqual((await reader.read(sampleKey))?.value, signedIn('ada'), 'the entry')
      },
    },
    {
      name: 'keeps what it does not know, over changes of the same entry and of others',
      async run(place) {
        await put(place, signedIn('ada'))
        await addField(place, sampleKey)
        await put(place, signedIn('grace'))
        await expectField(place)
        await put({ store: await another(place), key: work }, signedIn('work'))
        await put({ ...place, key: work }, undefined)
        await expectField(place)
        expectEqual((await place.store.read(sampleKey))?.value, signedIn('grace'), 'the entry')
      },
    },
  ]
}
