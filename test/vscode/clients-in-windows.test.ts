import { describe, expect, it } from 'vitest'
import { createClient } from '../../src/vscode.ts'
import { temporaryDirectory } from '../support/directories.ts'
import { lifeMs, platformAt } from '../support/setup.ts'
import { desktop } from '../support/vscode-api.ts'

/** The extension in two windows of one editor, with somebody signed in. */
async function setUp() {
  const platform = platformAt({ limits: false })
  const { endpoints, fetch, clock } = platform
  const editor = desktop({
    folder: await temporaryDirectory(),
    flushMs: 100,
    browse: async (url) => editor.handOver(await platform.signIn(url)),
  })
  const open = () => {
    const { vscode, context } = editor.open()
    return createClient({ vscode, context, env: {}, endpoints, fetch, now: clock.now })
  }
  const clients = [open(), open()] as const
  await clients[1].login()
  return { platform, clients }
}

describe('the clients in two windows', () => {
  it('that both rotate the key at once leave one that lives, and both use it', async () => {
    const { platform, clients } = await setUp()
    await clients[0].apiKeys.ensure({ name: 'an editor' })
    const rotated = await Promise.all(clients.map((client) => client.apiKeys.rotate()))
    expect(rotated.map(({ replaced }) => replaced?.revoked)).toEqual([true, true])
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([false, false, true])
    for (const client of clients) await client.memory.list()
    const sessions = await Promise.all(clients.map((client) => client.getSession()))
    const inUse = platform.apiKeys.at(-1)?.id
    expect(sessions.map(({ apiKey }) => apiKey?.id)).toEqual([inUse, inUse])
  })

  it('are signed out both, although one is just renewing the session', async () => {
    const { platform, clients } = await setUp()
    const [leaving, renewing] = clients
    platform.clock.advance(lifeMs)
    const renewal = renewing.getAccessToken().catch(() => 'came too late')
    await leaving.logout()
    await renewal
    for (const client of clients) {
      await expect.poll(async () => (await client.getSession()).status).toBe('signed-out')
    }
    expect(await renewing.getAccessToken().catch(({ code }) => code)).toBe('login_required')
  })
})
