import axe from 'axe-core'
import { describe, expect, it } from 'vitest'
import { decide, enterPassword, untilAt } from '../../e2e/browser/redirect/dashboard.ts'
import { type BrowserTab, browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import { root } from '../../tools/paths.mjs'
import { buildBeforehand, click, fill, textOf, untilText, visit, visitSignedIn } from './visit.ts'

closeBrowsersAfterwards()
buildBeforehand()
const timeout = 120_000
/** A folder for pictures of all states, for a person to look at. */
const pictures = process.env.PICTURES
/** The pictures of the documentation, taken anew with `DOCS_PICTURES=1`. */
const documented: Readonly<Record<string, string>> = {
  'signed-out-light': 'signed-out',
  'signed-in-light': 'signed-in',
  'key-shown-once-light': 'key-shown-once',
  'warning-light': 'warning',
  'signed-in-dark': 'dark',
}
const sizes = { wide: { width: 1200, height: 800 }, narrow: { width: 360, height: 740 } }

/** Memories as tools would store them, the newest last. */
const memories = [
  {
    title: 'Retries of webhooks stop after a day',
    content: 'Partners are told by mail then.',
    type: 'reference',
    tags: ['webhooks'],
  },
  {
    title: 'Deployment runs from the staging branch',
    content: 'Merge, wait for the smoke tests, then promote the same image to production.',
    type: 'workflow',
    tags: ['deploy', 'ci'],
  },
  {
    title: 'Invoices are rounded half up',
    content: 'Finance asked for it in March.',
    type: 'knowledge',
    tags: ['billing'],
  },
  {
    title: 'Ada prefers small pull requests',
    content: 'One idea each, with the reason in the first line.',
    type: 'personal',
    tags: ['team'],
  },
]

/** What a person has who has been here before. */
async function fillUp({ platform }: Awaited<ReturnType<typeof visit>>): Promise<void> {
  const day = 86_400_000
  await platform.createApiKey({ name: 'Laptop of Ada', expiresInMs: 90 * day })
  const old = await platform.createApiKey({ name: 'Old build server' })
  platform.revokeApiKey(old.id)
  const { key } = await platform.createApiKey({ name: 'Support bot' })
  for (const memory of memories) {
    const { status } = await fetch(`${platform.endpoints.mcpHttp}/memory`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(memory),
    })
    expect(status).toBe(201)
  }
}

/** What is wrong with the page as it is, by the rules of axe. */
async function faults(tab: BrowserTab): Promise<unknown[]> {
  await tab.evaluate(`${axe.source}; void 0`)
  const found = await tab.evaluate('axe.run().then((found) => JSON.stringify(found))')
  const { violations, passes } = JSON.parse(String(found))
  const passed = passes.map(({ id }: { readonly id: string }) => id)
  expect(passed).toContain('color-contrast')
  return violations.map(({ id, nodes }: { readonly id: string; nodes: { html: string }[] }) => [
    id,
    ...nodes.map(({ html }) => html),
  ])
}

async function takePicture(tab: BrowserTab, state: string): Promise<void> {
  const name = documented[state]
  if (pictures !== undefined) await tab.screenshot({ path: `${pictures}/${state}.png` })
  if (process.env.DOCS_PICTURES === '1' && name !== undefined) {
    await tab.screenshot({ path: `${root}/docs/images/dashboard-${name}.png` })
  }
}

describe.each(browserNames)('in %s', (browser) => {
  it.for(['light', 'dark'] as const)(
    'has nothing that axe finds, in any state (%s)',
    {
      timeout,
    },
    async (scheme, context) => {
      const settings = { colorScheme: scheme, size: sizes.wide }
      const visited = await visit({ browser, settings }, context)
      const { tab, platform } = visited
      const look = async (state: string, text: string) => {
        await untilText(tab, text)
        // What fades or grows has to have come to its end.
        await tab.evaluate('new Promise((shown) => setTimeout(shown, 100))')
        if (browser === 'chromium') await takePicture(tab, `${state}-${scheme}`)
        expect(await faults(tab), state).toEqual([])
      }

      await look('signed-out', 'Sign in to your dashboard')
      await click(tab, 'Continue with Lanonasis')
      await enterPassword(tab, platform)
      await untilAt(tab, 'Allow access?')
      await tab.click('[value=deny]')
      await look('declined', 'declined')

      // The gateway knows the person by now.
      await click(tab, 'Continue with Lanonasis')
      await decide(tab)
      await look('empty', 'No memories yet')
      await fillUp(visited)
      await tab.reload()
      await look('signed-in', 'Ada prefers')

      await click(tab, 'New key')
      await look('new-key', 'Say which machine')
      await fill(tab, 'Name', 'Build server')
      await click(tab, 'Create key')
      await look('key-shown-once', 'Copy your key now')
      await tab.doubleClick('dialog code span')
      await look('warning', 'only a part')
      await click(tab, 'I have stored it')

      await click(tab, 'Rotate Laptop of Ada')
      await look('rotate', 'until you have stored the new one')
      platform.order({ match: 'POST /api/v1/auth/api-keys', times: 1, action: 'cut-answer' })
      await click(tab, 'Rotate key')
      await look('rotation-failed', 'was not changed')
      await click(tab, 'Rotate key')
      await look('rotated', 'works until you close this')
      const revocation = 'POST /api/v1/auth/api-keys/*'
      const recover = platform.order({ match: revocation, action: { status: 403 } })
      await click(tab, 'I have stored it')
      await look('old-key-not-revoked', 'could not be revoked')
      recover()
      await click(tab, 'Close')

      await click(tab, 'Revoke Build server')
      await look('revoke', 'Every program that uses this key')
      await click(tab, 'Revoke key')
      await look('revoked', 'is revoked.')
      await click(tab, 'New memory')
      await look('new-memory', 'Tags')
      await click(tab, 'Cancel')
      platform.order({ match: 'POST /oauth/token', action: { status: 503 } })
      platform.expireAccessTokens()
      platform.realtime.disconnect()
      await look('gateway-away', 'cannot be reached')
      await click(tab, 'Sign out in all tabs')
      await look('after-sign-out', 'You are signed out')
      expect(visited.violations).toEqual([])
    },
  )

  it('fits a telephone', { timeout }, async (context) => {
    const visited = await visitSignedIn({ browser, settings: { size: sizes.narrow } }, context)
    const { tab } = visited
    await fillUp(visited)
    await click(tab, 'New key')
    await fill(tab, 'Name', 'A name that is longer than the screen of a telephone is wide')
    await click(tab, 'Create key')
    await untilText(tab, 'Copy your key now')
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    await takePicture(tab, `narrow-dialog-${browser}`)
    expect(await tab.evaluate(overflow)).toBeLessThanOrEqual(0)
    const dialogOverflow = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('dialog'))`
    expect(await tab.evaluate(dialogOverflow)).toBe(0)
    await click(tab, 'I have stored it')
    await untilText(tab, 'Ada prefers')
    await takePicture(tab, `narrow-${browser}`)
    expect(await tab.evaluate(overflow)).toBeLessThanOrEqual(0)
    expect(await textOf(tab, 'h1')).toBe('Dashboard')
  })
})
