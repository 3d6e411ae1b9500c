import type { BrowserTab } from '../../support/browsers.ts'
import type { PageActions } from './fixtures/page.ts'

/** The program of the page that these tests work with. */
export const pageProgram = 'test/e2e/browser/fixtures/page.ts'

/** Has the page in a tab do something. */
export async function perform<Action extends keyof PageActions>(
  tab: BrowserTab,
  action: Action,
  ...given: Parameters<PageActions[Action]>
): Promise<Awaited<ReturnType<PageActions[Action]>>> {
  await tab.waitFor('globalThis.perform !== undefined')
  const result = await tab.evaluate(`perform(${JSON.stringify(action)}, ${JSON.stringify(given)})`)
  return JSON.parse(String(result))
}
