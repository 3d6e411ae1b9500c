import type { StoreKey } from '../../store/store.ts'
import { expectEqual } from './assert.ts'
import type { ContractCase } from './options.ts'
import { another, otherKeys, put, sampleKey, signedIn } from './samples.ts'

/** Parts that mean something to files, paths, patterns, queries and objects. */
const oddTexts = [
  'a b',
  'a/../b',
  'a\\b',
  'a:b',
  'a","b',
  'a*?[b]',
  'a%2Fb',
  'a.b',
  'A.B',
  '__proto__',
  'constructor',
  'ключ',
  '🔑',
  'a\nb',
  "a'; --",
]

/** Keys whose parts make the same text when they are joined with one of these. */
const alike: readonly StoreKey[] = ['', ':', '|', '/', '-', '_', '.'].flatMap((between) => [
  { ...sampleKey, clientId: `a${between}b`, profile: 'c' },
  { ...sampleKey, clientId: 'a', profile: `b${between}c` },
  { ...sampleKey, clientId: `a${between}b`, profile: 'c', resource: 'd' },
  { ...sampleKey, clientId: `a${between}b`, profile: `c${between}d` },
])

export const keyCases: readonly ContractCase[] = [
  {
    name: '★3 keeps apart what differs in any part of its key',
    run: async (place) => {
      await put(place, signedIn('mine'))
      for (const key of otherKeys) {
        expectEqual(await place.store.read(key), undefined, `the entry of ${JSON.stringify(key)}`)
        await put({ ...place, key }, signedIn(JSON.stringify(key)))
      }
      const reader = await another(place)
      expectEqual((await reader.read(sampleKey))?.value, signedIn('mine'), 'the first entry')
      for (const key of otherKeys) {
        const expected = signedIn(JSON.stringify(key))
        expectEqual((await reader.read(key))?.value, expected, 'what is under another key')
      }
    },
  },
  {
    name: 'takes parts of a key as they are, whatever characters are in them',
    run: async (place) => {
      const keys = oddTexts.flatMap((text): StoreKey[] => [
        { ...sampleKey, profile: text },
        { ...sampleKey, clientId: text },
        { ...sampleKey, resource: text },
      ])
      for (const key of keys) await put({ ...place, key }, signedIn(JSON.stringify(key)))
      const reader = await another(place)
      for (const key of keys) {
        const expected = signedIn(JSON.stringify(key))
        expectEqual((await reader.read(key))?.value, expected, `what is under ${key.profile}`)
      }
    },
  },
  {
    name: 'does not confuse keys whose parts are the same one after the other',
    run: async (place) => {
      for (const key of alike) await put({ ...place, key }, signedIn(JSON.stringify(key)))
      for (const key of alike) {
        const expected = signedIn(JSON.stringify(key))
        expectEqual((await place.store.read(key))?.value, expected, 'the entry')
      }
    },
  },
  {
    name: 'removes one entry and leaves the others',
    run: async (place) => {
      await put(place, signedIn('mine'))
      for (const key of otherKeys) await put({ ...place, key }, signedIn(key.profile))
      await put(place, undefined)
      const reader = await another(place)
      expectEqual(await reader.read(sampleKey), undefined, 'the entry that was removed')
      for (const key of otherKeys) {
        expectEqual((await reader.read(key))?.value, signedIn(key.profile), 'another entry')
      }
    },
  },
]
