import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { servePlatform } from '../../../src/testing-node.ts'
import {
  type BrowserName,
  browserNames,
  closeBrowsersAfterwards,
  newProfile,
} from '../../support/browsers.ts'
import { servePage } from '../../support/page.ts'

closeBrowsersAfterwards()
const page = servePage('test/e2e/realtime/fixtures/events-page.ts')
const timeout = 90_000
const route = '/api/v1/events'

/** A page of another origin than the services', that listens for so many events. */
async function listening(
  { name, count }: { readonly name: BrowserName; readonly count: number },
  context: TestContext,
) {
  const platform = await servePlatform({
    corsOrigins: [page.origin],
    realtime: { retryMs: 100 },
  })
  onTestFinished(() => platform.close())
  const profile = await newProfile(name, context)
  const tab = await profile.open(page.origin)
  await tab.waitFor('globalThis.listen !== undefined')
  const { endpoints } = platform
  const tokens = await platform.issueTokens()
  await tab.evaluate(`listen(${JSON.stringify({ endpoints, tokens, count })})`)
  const seen = async () => JSON.parse(String(await tab.evaluate('seen()')))
  const push = (data: unknown) => platform.realtime.push({ event: 'memory.created', data })
  /** Waits for the stream that is to be the next one. */
  const opened = (number: number) =>
    expect
      .poll(() => platform.realtime.connections[number - 1]?.ready, { timeout: 20_000 })
      .toBe(true)
  return { platform, seen, push, opened }
}

describe.each(browserNames)('in %s', (name) => {
  it('★28 events come over cuts and losses: nothing is sent that CORS does not allow', {
    timeout,
  }, async (context) => {
    const { platform, seen, push, opened } = await listening({ name, count: 3 }, context)
    await opened(1)
    await push({ id: 'first' })
    await expect.poll(async () => (await seen()).heard.length).toBe(1)
    platform.realtime.disconnect({ code: 1001 })
    await opened(2)
    await push({ id: 'second' })
    await expect.poll(async () => (await seen()).heard.length).toBe(2)
    platform.realtime.disconnect()
    await opened(3)
    await push({ id: 'third' })
    await expect.poll(async () => (await seen()).ended).toBe('left')

    const { heard, states } = await seen()
    // Each event has an id: in Node.js it would have been sent.
    expect(heard).toEqual([
      { type: 'memory.created', data: { id: 'first' }, id: expect.any(String) },
      { type: 'memory.created', data: { id: 'second' }, id: expect.any(String) },
      { type: 'memory.created', data: { id: 'third' }, id: expect.any(String) },
    ])
    const reasons = states.flatMap((state: { type: string; error?: { code: string } }) =>
      state.type === 'waiting' ? [state.error?.code ?? null] : [],
    )
    expect(reasons).toEqual([null, 'network_error'])
    const requests = platform.requestsTo(`GET ${route}`)
    expect(requests).toHaveLength(3)
    for (const { headers, credential } of requests) {
      expect(headers).not.toHaveProperty('last-event-id')
      expect(credential).toBe('bearer')
    }
    // Leaving the loop has cut the request.
    await expect.poll(() => platform.realtime.streams.length).toBe(0)
  })
})
