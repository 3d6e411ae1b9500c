import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import type { McpSocketOptions, SocketStrategy } from '../../../src/index.ts'
import { servePlatform } from '../../../src/testing-node.ts'
import {
  type BrowserName,
  browserNames,
  closeBrowsersAfterwards,
  newProfile,
} from '../../support/browsers.ts'
import { servePage } from '../../support/page.ts'
import type { SocketPageActions } from './fixtures/socket-page.ts'

closeBrowsersAfterwards()
const page = servePage('test/e2e/realtime/fixtures/socket-page.ts')
const timeout = 90_000

/** A page with a socket, at services that take a credential in the ways that a page has. */
async function openPage(
  { name, options }: { readonly name: BrowserName; readonly options: McpSocketOptions },
  context: TestContext,
) {
  const platform = await servePlatform({
    corsOrigins: [page.origin],
    limits: false,
    realtime: { strategies: ['first-message', 'subprotocol'], dialect: 'ack' },
  })
  onTestFinished(() => platform.close())
  const profile = await newProfile(name, context)
  const tab = await profile.open(page.origin)
  await tab.waitFor('globalThis.actions !== undefined')
  const act = async <Name extends keyof SocketPageActions>(
    action: Name,
    ...given: Parameters<SocketPageActions[Name]>
  ): Promise<unknown> => tab.evaluate(`actions.${action}(...${JSON.stringify(given)})`)
  const { endpoints } = platform
  await act('start', { endpoints, tokens: await platform.issueTokens(), options })
  return { platform, act }
}

describe.each(browserNames)('a page in %s', (name) => {
  it.for<SocketStrategy>(['first-message', 'subprotocol'])(
    'has a socket with an explicit strategy, which comes back after a cut: %s',
    { timeout },
    async (strategy, context) => {
      const { platform, act } = await openPage({ name, options: { strategy } }, context)
      expect(await act('request', 'ping')).toEqual({})
      await act('listen')
      await platform.realtime.push({ method: 'notifications/one' })
      await expect.poll(() => act('heard')).toEqual(['notifications/one'])
      platform.realtime.disconnect()
      await expect
        .poll(() => platform.realtime.connections[1]?.ready, { timeout: 20_000 })
        .toBe(true)
      expect(await act('request', 'ping')).toEqual({})
      expect(platform.realtime.connections.map((connection) => connection.strategy)).toEqual([
        strategy,
        strategy,
      ])
      const handshakes = platform.requests.filter(({ service }) => service === 'mcpWs')
      for (const { query } of handshakes) expect(query).toEqual({})
      await act('close')
      await expect.poll(() => platform.realtime.sockets.length).toBe(0)
    },
  )

  it('★27 has its token renewed when that was ended early', { timeout }, async (context) => {
    const options: McpSocketOptions = { strategy: 'subprotocol' }
    const { platform, act } = await openPage({ name, options }, context)
    platform.expireAccessTokens()
    expect(await act('request', 'ping')).toEqual({})
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('is told to name a strategy before anything is sent', { timeout }, async (context) => {
    const { platform, act } = await openPage({ name, options: {} }, context)
    expect(await act('request', 'ping')).toBe('config_invalid')
    expect(await act('state')).toBe('failed')
    expect(platform.requests).toEqual([])
  })
})
