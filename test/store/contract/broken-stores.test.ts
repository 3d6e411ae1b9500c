import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type { StoredAccount } from '../../../src/store/account.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import type { StoreKey, TokenStore } from '../../../src/store/store.ts'
import { type StoreContractOptions, type StorePlace, storeContract } from '../../../src/testing.ts'

/** Runs the contract without any framework. @returns the names of the cases that fail */
async function failingCases(options: Partial<StoreContractOptions>): Promise<readonly string[]> {
  const cases: { readonly name: string; readonly body: () => Promise<void> }[] = []
  storeContract({
    describe: (_name, body) => body(),
    it: (name, body) => cases.push({ name, body }),
    createStore: () => ({ store: memoryStore() }),
    watchWithinMs: 40,
    ...options,
  })
  const results = await Promise.allSettled(cases.map(({ body }) => body()))
  return cases.flatMap(({ name }, index) => (results[index]?.status === 'rejected' ? [name] : []))
}

/** The contract for a memory store with something else in it. */
function failingCasesOf(change: (store: TokenStore) => Partial<TokenStore>) {
  return failingCases({
    createStore: () => {
      const store = memoryStore()
      return { store: { ...store, ...change(store) } }
    },
  })
}

/** Writes whatever is given, as somebody who has just read. */
async function overwrite(store: TokenStore, key: StoreKey, value: StoredAccount | undefined) {
  return store.commit(key, (await store.read(key))?.revision, value)
}

type Fault = readonly [string, (store: TokenStore) => Partial<TokenStore>, string]

const faults: readonly Fault[] = [
  [
    'writes over what it has not seen',
    (store) => ({ commit: (key, _revision, value) => overwrite(store, key, value) }),
    'refuses a commit over an older revision, and says what is there',
  ],
  [
    'writes although somebody else has written between its look and its write',
    (store) => ({
      async commit(key, revision, value) {
        const current = await store.read(key)
        if (current?.revision !== revision) return { ok: false, current }
        await new Promise((resolve) => setTimeout(resolve, 1))
        return overwrite(store, key, value)
      },
    }),
    'lets exactly one of many commits over the same revision through, again and again',
  ],
  [
    'does not say what is there when it refuses',
    (store) => ({
      async commit(key, revision, value) {
        const result = await store.commit(key, revision, value)
        return result.ok ? result : { ok: false, current: undefined }
      },
    }),
    'refuses a commit over an older revision, and says what is there',
  ],
  [
    'takes its content for the revision',
    (store) => {
      const revisionOf = (value: StoredAccount | undefined) => JSON.stringify(value)
      return {
        async read(key) {
          const entry = await store.read(key)
          return entry && { ...entry, revision: revisionOf(entry.value) }
        },
        async commit(key, revision, value) {
          const current = await store.read(key)
          if (current && revisionOf(current.value) !== revision) return { ok: false, current }
          await overwrite(store, key, value)
          return { ok: true, revision: revisionOf(value) }
        },
      }
    },
    'never uses a revision again, whatever is written, not even after a removal',
  ],
  [
    'confirms another revision than it keeps',
    (store) => ({
      async commit(...args) {
        const result = await store.commit(...args)
        return result.ok ? { ok: true, revision: `${result.revision}?` } : result
      },
    }),
    'confirms a commit with the revision that every reader finds',
  ],
  [
    'forgets a field',
    (store) => ({
      commit: (key, revision, value) =>
        store.commit(key, revision, value && { ...value, coolDown: undefined }),
    }),
    'gives back every field of an account, to the millisecond',
  ],
  [
    'knows whole seconds only',
    (store) => ({
      async read(key) {
        const entry = await store.read(key)
        const text = JSON.stringify(entry)?.replace(/\d{3}(?=[,}])/g, '000')
        return text === undefined ? undefined : JSON.parse(text)
      },
    }),
    'gives back every field of an account, to the millisecond',
  ],
  [
    'keeps what is given by reference',
    () => {
      const entries = new Map<string, { value: StoredAccount; revision: string }>()
      let revisions = 0
      return {
        read: async (key) => entries.get(JSON.stringify(key)),
        async commit(key, revision, value) {
          const current = entries.get(JSON.stringify(key))
          if (current?.revision !== revision) return { ok: false, current }
          revisions += 1
          entries.delete(JSON.stringify(key))
          if (value) entries.set(JSON.stringify(key), { value, revision: `${revisions}` })
          return { ok: true, revision: `${revisions}` }
        },
      }
    },
    'keeps a copy, which nobody can change by reference',
  ],
  [
    'cuts long values off',
    (store) => ({
      commit: (key, revision, value) =>
        JSON.stringify(value ?? '').length > 65_536
          ? Promise.reject(new AuthError('store_unavailable', 'Too long.'))
          : store.commit(key, revision, value),
    }),
    'keeps tokens of 64 KB and more',
  ],
  [
    'knows Latin letters only',
    (store) => ({
      commit: (key, revision, value) => {
        const text = JSON.stringify(value)?.replace(/[\u0100-\uffff]/g, '?')
        return store.commit(key, revision, text === undefined ? undefined : JSON.parse(text))
      },
    }),
    'keeps every script and every character',
  ],
  [
    'does not look at the profile',
    (store) => {
      const short = (key: StoreKey) => ({ ...key, profile: 'default' })
      return {
        read: (key) => store.read(short(key)),
        commit: (key, ...rest) => store.commit(short(key), ...rest),
      }
    },
    '★3 keeps apart what differs in any part of its key',
  ],
  ...['', '|', ':', '/'].map(
    (between): Fault => [
      `joins the parts of a key with "${between}"`,
      (store) => {
        const joined = ({ issuer, clientId, profile, resource }: StoreKey) => {
          const parts = [clientId, profile, resource].filter((part) => part !== undefined)
          return { issuer, clientId: parts.join(between), profile: '' }
        }
        return {
          read: (key) => store.read(joined(key)),
          commit: (key, ...rest) => store.commit(joined(key), ...rest),
        }
      },
      'does not confuse keys whose parts are the same one after the other',
    ],
  ),
  [
    'takes a removal for an account that says nothing',
    (store) => ({
      commit: (key, revision, value) =>
        store.commit(key, revision, value ?? { session: { status: 'signed-out' } }),
    }),
    'removes an entry, for everybody, and again without harm',
  ],
  [
    'tells nobody anything',
    () => ({ watch: () => () => {} }),
    'tells of the first commit, of a change and of a removal by somebody else',
  ],
  [
    'tells too much',
    (store) => ({
      watch: (key, listener) => {
        const stops = [key, { ...key, profile: 'work' }].map((each) =>
          store.watch?.(each, listener),
        )
        return () => {
          for (const stop of stops) stop?.()
        }
      },
    }),
    'says nothing when nothing has changed: reads, refused commits, other entries',
  ],
  [
    'cannot be stopped',
    (store) => ({
      watch: (key, listener) => {
        store.watch?.(key, listener)
        return () => {}
      },
    }),
    'says nothing after it was stopped, and can be stopped twice',
  ],
  [
    'lets everybody in',
    () => ({ lock: { withLock: (_name, _limits, work) => work({ isHeld: async () => true }) } }),
    'lets one in at a time, over all who share the place',
  ],
  [
    'has one lock for all names',
    ({ lock }) => ({
      lock: {
        withLock: async (_name, limits, work) => {
          const once = { ...limits, timeoutMs: Math.min(limits.timeoutMs, 50) }
          if (lock === undefined) throw new Error('There is a lock.')
          return lock.withLock('all', once, work)
        },
      },
    }),
    'keeps names apart',
  ],
  [
    'tells a holder that it has nothing',
    ({ lock }) => ({
      lock: {
        withLock: async (name, limits, work) => {
          if (lock === undefined) throw new Error('There is a lock.')
          return lock.withLock(name, limits, () => work({ isHeld: async () => false }))
        },
      },
    }),
    'tells a holder that it holds the lock, and lets it read and commit',
  ],
  [
    'waits for longer than it was asked to',
    ({ lock }) => ({
      lock: {
        withLock: async (name, { timeoutMs, signal }, work) => {
          if (lock === undefined) throw new Error('There is a lock.')
          return lock.withLock(name, { timeoutMs: timeoutMs + 2_000, signal }, work)
        },
      },
    }),
    'fails with lock_timeout when the wait is too long, and the work is not done',
  ],
  [
    'does not care whether its caller still waits',
    ({ lock }) => ({
      lock: {
        withLock: async (name, { timeoutMs }, work) => {
          if (lock === undefined) throw new Error('There is a lock.')
          return lock.withLock(name, { timeoutMs: Math.min(timeoutMs, 2_000) }, work)
        },
      },
    }),
    'fails with aborted as soon as its caller gives up, and lets the others have their turn',
  ],
  [
    'shows what it holds',
    (store) => ({
      describe: () => ({ ...store.describe(), location: 'key pk_contract.sk_contract' }),
    }),
    'shows no secret, however it is printed',
  ],
  [
    'destroys what belongs to others',
    (store) => ({
      async destroy(key) {
        for (const profile of ['work', key.profile]) await store.destroy?.({ ...key, profile })
      },
    }),
    '★3 is destroyed without anything of other accounts',
  ],
  [
    'signs out instead of destroying',
    (store) => ({
      async destroy(key) {
        await overwrite(store, key, { session: { status: 'signed-out' } })
      },
    }),
    'is gone once it is destroyed, for everybody',
  ],
  [
    'cannot destroy twice',
    (store) => ({
      async destroy(key) {
        if ((await store.read(key)) === undefined) throw new Error('There is nothing.')
        await store.destroy?.(key)
      },
    }),
    'can be destroyed where there is nothing, and twice',
  ],
  [
    'cannot be destroyed',
    () => ({ destroy: undefined }) as unknown as Partial<TokenStore>,
    'is gone once it is destroyed, for everybody',
  ],
  [
    'has no lock',
    () => ({ lock: undefined }),
    'lets one in at a time, over all who share the place',
  ],
  [
    'cannot be watched',
    () => ({ watch: undefined }) as unknown as Partial<TokenStore>,
    'tells everybody who watches',
  ],
]

describe('the store contract', () => {
  it('is kept by a store that does everything right', async () => {
    expect(await failingCases({})).toEqual([])
  })

  it.each(faults)('is broken by a store that %s', async (_fault, change, name) => {
    expect(await failingCasesOf(change)).toContain(name)
  })

  it('believes nobody who says that there is no lock or watcher while there is', async () => {
    expect(await failingCases({ without: ['lock', 'watch', 'destroy'] })).toEqual([
      'has no watch',
      'has no lock',
      'has no destroy',
    ])
  })

  it('is kept by a store that says what it does not have', async () => {
    const createStore = (): StorePlace => {
      const { read, commit, describe: describeStore } = memoryStore()
      return { store: { read, commit, describe: describeStore } }
    }
    expect(await failingCases({ createStore, without: ['lock', 'watch', 'destroy'] })).toEqual([])
  })

  it('is broken by a store that loses what is damaged, or what a newer version has added', async () => {
    const failing = await failingCases({
      corruption: { damage: () => {}, isKept: () => false },
      newerVersion: { addField: () => {}, hasField: () => false },
    })
    expect(failing).toEqual([
      'reports damaged content once as store_corrupt, and never as nothing stored',
      'does not commit over damaged content',
      'keeps damaged content although somebody signs in again',
      'reports damaged content to one of many who meet it at the same time',
      'is destroyed with what was set aside of it, unless it may be of others',
      'keeps what it does not know, over changes of the same entry and of others',
    ])
  })
})
