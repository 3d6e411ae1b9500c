import { describe, expect, it, type TestContext } from 'vitest'
import {
  type BrowserName,
  browserNames,
  closeBrowsersAfterwards,
  newProfile,
} from '../../support/browsers.ts'
import { servePage } from '../../support/page.ts'
import { contractOf } from './fixtures/contract.ts'
import type { StoreKind } from './fixtures/stores.ts'
import { pageProgram, perform } from './page.ts'

closeBrowsersAfterwards()
const page = servePage(pageProgram)
const timeout = 120_000
/** The contract asks for time limits of milliseconds, which Firefox rounds up to a second in tabs that nobody looks at. */
const preferences = {
  'dom.min_background_timeout_value': 4,
  'dom.min_background_timeout_value_without_budget_throttling': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
}

/** Runs the whole contract in one tab, with others on the same place. */
async function results(
  { name, kind }: { readonly name: BrowserName; readonly kind: StoreKind },
  context: TestContext,
) {
  const profile = await newProfile(name, context, { preferences })
  const names = kind === 'session' ? [] : ['second', 'third']
  for (const tab of names) await perform(await profile.open(page.origin), 'serveStores', tab)
  return perform(await profile.open(page.origin), 'runContract', kind, names)
}

describe.each(browserNames)('in %s', (name) => {
  describe.each([
    ['indexedDbStore, in three tabs', 'indexeddb'],
    ['webStorageStore on localStorage, in three tabs', 'local'],
    ['webStorageStore on sessionStorage', 'session'],
  ] as const)('%s', (_title, kind) => {
    let running: Promise<Record<string, string>> | undefined

    it.for(contractOf(kind, []).map(({ title }) => title))(
      '%s',
      { timeout },
      async (title, context) => {
        running ??= results({ name, kind }, context)
        expect((await running)[title]).toBe('')
      },
    )
  })
})
