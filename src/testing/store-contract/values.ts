import type { StoredAccount } from '../../store/account.ts'
import { expectEqual } from './assert.ts'
import type { ContractCase, StorePlace } from './options.ts'
import { another, fullAccount, put, sampleKey, signedIn } from './samples.ts'

const texts = 'Zoë Ökonom · Привет · 你好 · שלום · नमस्ते · 👩‍💻🇨🇦 · e\u0301 · "\\\t\r\n\u2028\u0000'

export const valueCases: readonly ContractCase[] = [
  {
    name: 'holds nothing at first',
    async run({ store }) {
      expectEqual(await store.read(sampleKey), undefined, 'an entry of an empty store')
    },
  },
  {
    name: 'gives back every field of an account, to the millisecond',
    run: (place) => expectKept(place, fullAccount),
  },
  {
    name: 'gives back an account without a session, whatever ended it',
    async run(place) {
      await expectKept(place, { session: { status: 'signed-out' } })
      await expectKept(place, { session: { status: 'signed-out', since: 1_780_000_000_123 } })
      await expectKept(place, { session: { status: 'expired' } })
      const refreshTokenHash = 'hash-of-the-refused-token'
      await expectKept(place, { session: { status: 'expired', refreshTokenHash } })
    },
  },
  {
    name: 'leaves nothing of the account before',
    async run(place) {
      await put(place, fullAccount)
      await expectKept(place, { session: { status: 'signed-out' } })
      await put(place, undefined)
      await expectKept(place, signedIn('somebody else'))
    },
  },
  {
    name: 'keeps tokens of 64 KB and more',
    async run(place) {
      const { session } = signedIn('x'.repeat(100_000))
      await expectKept(place, { session, apiKey: { value: 'y'.repeat(70_000), origins: [] } })
    },
  },
  {
    name: 'keeps every script and every character',
    run: (place) => expectKept(place, signedIn(texts)),
  },
  {
    name: 'keeps a copy, which nobody can change by reference',
    async run(place) {
      const apiKey = { value: 'mine', origins: [] }
      await put(place, { session: { status: 'signed-out' }, apiKey })
      apiKey.value = 'changed'
      expectEqual(
        (await place.store.read(sampleKey))?.value.apiKey?.value,
        'mine',
        'what was committed',
      )
    },
  },
]

async function expectKept(place: StorePlace, account: StoredAccount): Promise<void> {
  await put(place, account)
  for (const reader of [place.store, await another(place)]) {
    expectEqual((await reader.read(sampleKey))?.value, account, 'what is read')
  }
}
