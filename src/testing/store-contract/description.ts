import { expectEqual, expectThat } from './assert.ts'
import type { ContractCase } from './options.ts'
import { another, fullAccount, put } from './samples.ts'

const reaches = ['process', 'tabs', 'machine', 'cluster']

export const descriptionCases: readonly ContractCase[] = [
  {
    name: 'says what kind of place it is, and who shares it',
    async run({ store }) {
      const { kind, location, persistent, encrypted, shared } = store.describe()
      expectThat(kind !== '', 'the kind of a store has a name')
      expectThat(location === undefined || location !== '', 'a location, if any, is not empty')
      expectEqual([typeof persistent, typeof encrypted], ['boolean', 'boolean'], 'what it says')
      expectThat(reaches.includes(shared), `shared is one of ${reaches.join(', ')}`)
    },
  },
  {
    name: 'says the same for every store on the same place',
    async run(place) {
      expectEqual((await another(place)).describe(), place.store.describe(), 'the description')
    },
  },
  {
    name: 'shows no secret, however it is printed',
    async run(place) {
      await put(place, fullAccount)
      const printed = JSON.stringify([place.store.describe(), place.store, `${place.store}`])
      for (const secret of ['access-of', 'refresh-of', 'sk_contract', 'a-token-of', 'hash-of']) {
        expectThat(!printed.includes(secret), `nothing that is printed contains ${secret}`)
      }
    },
  },
]
