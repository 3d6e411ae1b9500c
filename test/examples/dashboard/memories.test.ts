import { describe, expect, it } from 'vitest'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { until } from '../../e2e/browser/redirect/dashboard.ts'
import { browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import { buildBeforehand, click, fill, signIn, untilText, visit, visitSignedIn } from './visit.ts'

closeBrowsersAfterwards()
buildBeforehand()
const timeout = 90_000

/** Another program of the same person. */
async function otherProgram(platform: ServedPlatform) {
  const { key } = await platform.createApiKey({ name: 'A tool' })
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${platform.endpoints.mcpHttp}/memory${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(response.ok).toBe(true)
  }
  return {
    remember: (title: string, content = 'Something') => send('POST', '', { title, content }),
    rename: (id: string, title: string) => send('PUT', `/${id}`, { title }),
    forget: (id: string) => send('DELETE', `/${id}`),
  }
}

/** Counts what the page asks for: how much of it is sent at once is the browser's affair. */
const countReads = `{
  const { fetch } = globalThis
  globalThis.reads = 0
  globalThis.fetch = (input, init) => {
    if (String(input.url ?? input).includes('/memory?')) globalThis.reads++
    return fetch(input, init)
  }
}; void 0`

/** A letter after the other, with nothing but the page's own time between them. */
const typeQuickly = (text: string) => `(async () => {
  const field = document.querySelector('[type=search]')
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')
  for (let length = 1; length <= ${text.length}; length++) {
    set.call(field, ${JSON.stringify(text)}.slice(0, length))
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await new Promise((typed) => setTimeout(typed))
  }
})()`

describe.each(browserNames)('memories in %s', (browser) => {
  it('stores one, and deletes it only after a question', { timeout }, async (context) => {
    const { tab, platform, violations } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'No memories yet')
    await click(tab, 'New memory')
    await fill(tab, 'Title', 'Deployment')
    await fill(tab, 'Content', 'From the staging branch')
    await fill(tab, 'Tags', 'deploy, ci')
    await click(tab, 'Store memory')
    await untilText(tab, '“Deployment” is stored.')
    await untilText(tab, 'From the staging branch')
    await untilText(tab, '#ci')
    expect(platform.memories).toMatchObject([
      { title: 'Deployment', type: 'context', tags: ['deploy', 'ci'] },
    ])
    await click(tab, 'Delete Deployment')
    await click(tab, 'Cancel')
    expect(platform.memories).toHaveLength(1)
    await click(tab, 'Delete Deployment')
    await click(tab, 'Delete memory')
    await untilText(tab, '“Deployment” is deleted.')
    await untilText(tab, 'No memories yet')
    await until(tab, 'document.activeElement.innerText', 'Memories')
    expect(violations).toEqual([])
  })

  it('shows what other programs do, as they do it', { timeout }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    const program = await otherProgram(platform)
    await program.remember('Written by a tool')
    await untilText(tab, 'Written by a tool')
    const [memory] = platform.memories
    await program.rename(memory?.id ?? '', 'Renamed by a tool')
    await untilText(tab, 'Renamed by a tool')
    await program.forget(memory?.id ?? '')
    await untilText(tab, 'No memories yet')
  })

  it('reads once more after many changes, and not once for each', {
    timeout,
  }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    await untilText(tab, 'No memories yet')
    const program = await otherProgram(platform)
    await tab.evaluate(countReads)
    platform.order({ match: 'GET /memory', action: { delayMs: 1_000 } })
    const titles = Array.from({ length: 30 }, (_, index) => `Memory ${index}`)
    await Promise.all(titles.map((title) => program.remember(title)))
    // Its event is the last of all.
    await program.remember('Last')
    await untilText(tab, 'Last')
    await untilText(tab, '20 of 31')
    expect(await tab.evaluate('globalThis.reads')).toBeLessThan(15)
    await click(tab, 'Show more')
    await untilText(tab, '31 of 31')
  })

  it('says when the events have stopped, and reads again when they are back', {
    timeout,
  }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    const program = await otherProgram(platform)
    const recover = platform.order({ match: 'GET /api/v1/events', action: { status: 503 } })
    platform.realtime.disconnect()
    await untilText(tab, 'Connecting …')
    await program.remember('Written while nobody listened')
    recover()
    await untilText(tab, 'Live')
    await untilText(tab, 'Written while nobody listened')
  })

  it('searches', { timeout }, async (context) => {
    const { tab, platform, open } = await visit({ browser }, context)
    const program = await otherProgram(platform)
    await program.remember('Invoices', 'are rounded half up')
    await program.remember('Deployment', 'from the staging branch')
    await signIn(tab, platform)
    await untilText(tab, '2 of 2')
    await fill(tab, 'Search memories', 'rounded')
    await untilText(tab, 'Deployment', false)
    await untilText(tab, '1 of 1')
    const searches = () => platform.requestsTo('POST /memory/search')
    // A part of the word finds the same: what was typed slowly may have been looked for on the way.
    await expect.poll(() => searches().at(-1)?.body?.query).toBe('rounded')
    const before = searches().length
    await tab.evaluate(typeQuickly('nowhere to be found'))
    await untilText(tab, 'Nothing found')
    expect(searches()).toHaveLength(before + 1)
    await tab.close()
    await untilText(await open(), '2 of 2')
  })

  it('says what is wrong while the services are, and recovers', { timeout }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    const recover = platform.order({ match: 'POST /memory', action: { status: 500 } })
    await click(tab, 'New memory')
    await fill(tab, 'Title', 'Kept while it failed')
    await fill(tab, 'Content', 'Something')
    await click(tab, 'Store memory')
    await until(tab, `document.querySelector('dialog [role=alert]') !== null`)
    recover()
    await click(tab, 'Store memory')
    await untilText(tab, '“Kept while it failed” is stored.')
    expect(platform.memories).toHaveLength(1)
  })
})
