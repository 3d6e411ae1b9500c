import { expectEqual } from './assert.ts'
import { concurrencyCases } from './concurrency.ts'
import { damageCases } from './damage.ts'
import { descriptionCases } from './description.ts'
import { destroyedDamageCases, destructionCases } from './destruction.ts'
import { keyCases } from './keys.ts'
import { lockingCases } from './locking.ts'
import type { ContractCase, StoreContractOptions, StorePlace } from './options.ts'
import { revisionCases } from './revisions.ts'
import { valueCases } from './values.ts'
import { versionCases } from './versions.ts'
import { watchingCases } from './watching.ts'

/**
 * The tests that every `TokenStore` has to pass, ours and yours: what is committed is kept whole and
 * apart by key, a commit goes through only over the revision that it names, revisions never come back,
 * watchers hear of each change, and the lock lets one in at a time.
 *
 * It brings no test framework along; give it the `describe` and `it` of yours.
 *
 * @example
 * With vitest:
 * ```ts
 * import { memoryStore } from '@lanonasis/auth-client'
 * import { storeContract } from '@lanonasis/auth-client/testing'
 * import { describe, it } from 'vitest'
 *
 * storeContract({ describe, it, createStore: () => ({ store: memoryStore() }) })
 * ```
 *
 * @example
 * With node:test, for a place that several processes share:
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { describe, it } from 'node:test'
 * import { fileStore } from '@lanonasis/auth-client/node'
 * import { storeContract } from '@lanonasis/auth-client/testing'
 *
 * storeContract({
 *   describe,
 *   it,
 *   createStore: async () => {
 *     const directory = await mkdtemp(join(tmpdir(), 'store-'))
 *     const path = join(directory, 'config')
 *     return {
 *       store: fileStore({ path }),
 *       reopen: () => fileStore({ path }),
 *       dispose: () => rm(directory, { recursive: true }),
 *     }
 *   },
 * })
 * ```
 */
export function storeContract<Place extends StorePlace>(
  options: StoreContractOptions<Place>,
): void {
  const { describe, it, createStore } = options
  for (const [title, cases] of groupsFor(options)) {
    describe(title, () => {
      for (const { name, run } of cases) {
        it(name, async () => {
          const place = await createStore()
          try {
            await run(place)
          } finally {
            await place.dispose?.()
          }
        })
      }
    })
  }
}

function groupsFor<Place extends StorePlace>({
  without = [],
  corruption,
  newerVersion,
  watchWithinMs = 1_000,
}: StoreContractOptions<Place>): readonly (readonly [string, readonly ContractCase<Place>[]])[] {
  const watching = without.includes('watch') ? [missing('watch')] : watchingCases(watchWithinMs)
  const locking = without.includes('lock') ? [missing('lock')] : lockingCases
  const destroying = without.includes('destroy') ? [missing('destroy')] : destructionCases
  return [
    ['a store', [...valueCases, ...descriptionCases]],
    ['the revisions of a store', revisionCases],
    ['the keys of a store', keyCases],
    ['a store that many write to', concurrencyCases],
    ['the watchers of a store', watching],
    ['the lock of a store', locking],
    ['what a store wrote for an account', destroying],
    ...(corruption ? [['a store that was damaged', damageCases(corruption)] as const] : []),
    ...(corruption && !without.includes('destroy')
      ? [['what was damaged of an account', destroyedDamageCases(corruption)] as const]
      : []),
    ...(newerVersion
      ? [['a store that a newer version writes to', versionCases(newerVersion)] as const]
      : []),
  ]
}

/** What is said to be missing has to be: else it would go untested. */
function missing(what: 'watch' | 'lock' | 'destroy'): ContractCase {
  return {
    name: `has no ${what}`,
    run: async ({ store }) => expectEqual(typeof store[what], 'undefined', `the type of ${what}`),
  }
}
