import { expectEqual, expectThat } from './assert.ts'
import type { ContractCase } from './options.ts'
import { another, put, sampleKey, signedIn } from './samples.ts'

export const revisionCases: readonly ContractCase[] = [
  {
    name: 'confirms a commit with the revision that every reader finds',
    async run(place) {
      const revision = await put(place, signedIn('ada'))
      for (const reader of [place.store, await another(place)]) {
        expectEqual((await reader.read(sampleKey))?.revision, revision, 'the revision')
      }
    },
  },
  {
    name: 'keeps the revision for as long as nobody commits',
    async run(place) {
      const revision = await put(place, signedIn('ada'))
      await put({ ...place, key: { ...sampleKey, profile: 'work' } }, signedIn('grace'))
      expectEqual((await place.store.read(sampleKey))?.revision, revision, 'the revision')
    },
  },
  {
    name: 'refuses a commit over an older revision, and says what is there',
    async run(place) {
      const first = await put(place, signedIn('ada'))
      const second = await put(place, signedIn('grace'))
      const late = await (await another(place)).commit(sampleKey, first, signedIn('late'))
      const current = { value: signedIn('grace'), revision: second }
      expectEqual(late, { ok: false, current }, 'the answer to a late commit')
      expectEqual(await place.store.read(sampleKey), current, 'the entry after it')
    },
  },
  {
    name: 'refuses a first commit where there is something',
    async run(place) {
      await put(place, signedIn('ada'))
      const result = await place.store.commit(sampleKey, undefined, signedIn('grace'))
      expectEqual(result.ok, false, 'whether it was committed')
      expectEqual((await place.store.read(sampleKey))?.value, signedIn('ada'), 'the entry')
    },
  },
  {
    name: 'refuses a commit over a revision that never was',
    async run({ store }) {
      const result = await store.commit(sampleKey, 'never', signedIn('ada'))
      expectEqual(result, { ok: false, current: undefined }, 'the answer')
      expectEqual(await store.read(sampleKey), undefined, 'the entry')
    },
  },
  {
    name: 'refuses to remove what has been changed',
    async run(place) {
      const first = await put(place, signedIn('ada'))
      await put(place, signedIn('grace'))
      const result = await place.store.commit(sampleKey, first, undefined)
      expectEqual(result.ok, false, 'whether it was removed')
      expectEqual((await place.store.read(sampleKey))?.value, signedIn('grace'), 'the entry')
    },
  },
  {
    name: 'removes an entry, for everybody, and again without harm',
    async run(place) {
      const revision = await put(place, signedIn('ada'))
      const others = await another(place)
      const removed = await place.store.commit(sampleKey, revision, undefined)
      expectEqual(removed.ok, true, 'whether it was removed')
      expectEqual(await others.read(sampleKey), undefined, 'the entry')

      const again = await others.commit(sampleKey, revision, undefined)
      expectEqual(again, { ok: false, current: undefined }, 'the answer to a late removal')
      const nothing = await others.commit(sampleKey, undefined, undefined)
      expectEqual(nothing.ok, true, 'whether nothing can be made of nothing')
      expectEqual(await others.read(sampleKey), undefined, 'the entry')
    },
  },
  {
    name: 'never uses a revision again, whatever is written, not even after a removal',
    async run(place) {
      const revisions: string[] = []
      for (const account of [signedIn('ada'), signedIn('grace'), undefined, signedIn('ada')]) {
        const revision = await put(place, account)
        if (account === undefined) continue
        revisions.push(revision)
        for (const old of revisions.slice(0, -1)) {
          const result = await place.store.commit(sampleKey, old, signedIn('late'))
          expectEqual(result.ok, false, 'whether a commit over an old revision succeeds')
        }
      }
      expectThat(new Set(revisions).size === revisions.length, 'all revisions differ')
    },
  },
]
