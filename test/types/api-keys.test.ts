import {
  type ApiKeyInspection,
  type ApiKeyKind,
  type ApiKeyProblem,
  type ApiKeyRecord,
  type ApiKeysApi,
  type CreatedApiKey,
  type EnsuredApiKey,
  formatApiKey,
  type HandOverOptions,
  inspectApiKey,
  type NewApiKey,
  type ReplacedApiKey,
} from '@lanonasis/auth-client'
import { describe, expectTypeOf, it } from 'vitest'

describe('inspectApiKey', () => {
  it('gives the kind of a key, or what is wrong with it', () => {
    expectTypeOf(inspectApiKey).toEqualTypeOf<(text: string) => ApiKeyInspection>()
    const words = (found: ApiKeyInspection): string => {
      if (found.ok) {
        expectTypeOf(found.kind).toEqualTypeOf<ApiKeyKind>()
        // @ts-expect-error -- nothing is wrong with it
        found.reason
        return found.publicId
      }
      expectTypeOf(found.reason).toEqualTypeOf<ApiKeyProblem>()
      // @ts-expect-error -- a text that is no key has no public part
      found.publicId
      return found.hint
    }
    expectTypeOf(words).toBeFunction()
    expectTypeOf(formatApiKey).toEqualTypeOf<(keyId: string, keySecret: string) => string>()
  })
})

describe('the keys of a person', () => {
  it('have a secret only where they were just made', () => {
    expectTypeOf<CreatedApiKey>().toExtend<ApiKeyRecord>()
    expectTypeOf<CreatedApiKey['key']>().toEqualTypeOf<string>()
    expectTypeOf<ApiKeyRecord>().not.toHaveProperty('key')
    expectTypeOf<EnsuredApiKey>().not.toHaveProperty('key')
    expectTypeOf<ApiKeyRecord['expiresAt']>().toEqualTypeOf<Date | undefined>()
  })

  it('may be handed over before the old one dies', () => {
    expectTypeOf<HandOverOptions['signal']>().toEqualTypeOf<AbortSignal | undefined>()
    expectTypeOf<NonNullable<HandOverOptions['handOver']>>().parameters.toEqualTypeOf<
      [key: CreatedApiKey]
    >()
  })

  it('say what became of the one whose place they took', () => {
    expectTypeOf<EnsuredApiKey['replaced']>().toEqualTypeOf<ReplacedApiKey | undefined>()
    expectTypeOf<CreatedApiKey['replaced']>().toEqualTypeOf<ReplacedApiKey | undefined>()
    expectTypeOf<ReplacedApiKey['revoked']>().toEqualTypeOf<boolean>()
  })

  it('are made with a name', () => {
    expectTypeOf<{ name: string }>().toExtend<NewApiKey>()
    expectTypeOf<Record<never, never>>().not.toExtend<NewApiKey>()
  })

  it('are managed by calls that give what they name', () => {
    const calls = async (keys: ApiKeysApi, signal: AbortSignal) => {
      expectTypeOf(await keys.ensure({ name: 'x' })).toEqualTypeOf<EnsuredApiKey>()
      expectTypeOf(await keys.create({ name: 'x' }, { signal })).toEqualTypeOf<CreatedApiKey>()
      expectTypeOf(await keys.list()).toEqualTypeOf<readonly ApiKeyRecord[]>()
      expectTypeOf(await keys.get('k1')).toEqualTypeOf<ApiKeyRecord>()
      expectTypeOf(await keys.rotate()).toEqualTypeOf<EnsuredApiKey>()
      expectTypeOf(await keys.rotate({ signal })).toEqualTypeOf<EnsuredApiKey>()
      // Its own key or another one: which it was is known only when it is done.
      expectTypeOf(await keys.rotate('k1')).toEqualTypeOf<CreatedApiKey | EnsuredApiKey>()
      const handOver = async ({ key }: CreatedApiKey) => console.log(key)
      expectTypeOf(await keys.rotate('k1', { handOver, signal })).toEqualTypeOf<
        CreatedApiKey | EnsuredApiKey
      >()
      // @ts-expect-error -- the key in use is stored, not handed over
      await keys.rotate({ handOver })
      expectTypeOf(await keys.revoke('k1')).toEqualTypeOf<void>()
      expectTypeOf(await keys.delete('k1')).toEqualTypeOf<void>()
    }
    expectTypeOf(calls).toBeFunction()
  })
})
