import {
  type CommitResult,
  type InitialCredentials,
  type Lease,
  type Lock,
  memoryLock,
  memoryStore,
  type StoredAccount,
  type StoredEntry,
  type StoreKey,
  type TokenStore,
} from '@lanonasis/auth-client'
import { describe, expectTypeOf, it } from 'vitest'

describe('a store of one’s own', () => {
  it('is written against one interface', () => {
    const store = {
      read: async (_key: StoreKey): Promise<StoredEntry | undefined> => undefined,
      commit: async (
        _key: StoreKey,
        _revision: string | undefined,
        _value: StoredAccount | undefined,
      ): Promise<CommitResult> => ({ ok: true, revision: '1' }),
      describe: () =>
        ({ kind: 'mine', persistent: true, encrypted: true, shared: 'cluster' }) as const,
    }
    expectTypeOf(store).toExtend<TokenStore>()
  })

  it('says whether a commit was made, and what is there otherwise', () => {
    const revisionOf = (result: CommitResult) =>
      result.ok ? result.revision : result.current?.revision
    expectTypeOf(revisionOf).returns.toEqualTypeOf<string | undefined>()
  })

  it('has a lock that gives what is done inside it', () => {
    const locked = (lock: Lock) =>
      lock.withLock('name', { timeoutMs: 1_000 }, async (lease) => {
        expectTypeOf(lease).toEqualTypeOf<Lease>()
        return 42
      })
    expectTypeOf(locked).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(memoryLock).returns.toEqualTypeOf<Lock>()
  })
})

describe('memoryStore', () => {
  it('starts with nothing, or with plain texts', () => {
    expectTypeOf(memoryStore).parameters.toEqualTypeOf<[initial?: InitialCredentials]>()
    expectTypeOf(memoryStore).returns.toEqualTypeOf<TokenStore>()
    expectTypeOf<{ tokens: { accessToken: string } }>().toExtend<InitialCredentials>()
    expectTypeOf<{ tokens: { refreshToken: string } }>().not.toExtend<InitialCredentials>()
    expectTypeOf<{ apiKey: string }>().toExtend<InitialCredentials>()
  })
})
