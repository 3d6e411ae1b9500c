import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { servePlatform } from '../../../src/testing-node.ts'
import { desktop } from '../../support/vscode-api.ts'
import { copyOf } from '../copies.ts'
import { activate } from './stub.ts'

const elsewhere = { authGateway: 'http://127.0.0.1:9', mcpHttp: 'http://127.0.0.1:9/api/v1' }

beforeAll(() => copyOf('vscode'))

async function setUp() {
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  const editor = desktop({
    browse: async (url) => editor.handOver(await platform.signIn(url)),
  })
  return { platform, window: editor.open(), settings: { user: { endpoints: platform.endpoints } } }
}

describe.each(['desktop', 'web'] as const)('the %s entry of the packed extension', (entry) => {
  it('signs in by the URI of the editor, and gives other extensions a token that works', async () => {
    const { platform, window, settings } = await setUp()
    const extension = await activate(entry, { window, settings })
    await extension.run('signIn')
    expect(extension.said).toEqual([])
    const [session] = (await extension.provider()?.getSessions(['memories:read'])) ?? []
    expect(session?.account.id).toBe(platform.users[0]?.id)
    const [exchange] = platform.requestsTo('POST /oauth/token')
    expect(exchange?.body?.redirect_uri).toBe('vscode://lanonasis.mcp-client/callback')
    expect(platform.apiKeys.map(({ name }) => name)).toEqual(['Visual Studio Code'])
  })

  it('★1 goes by the user’s settings, whatever the folder says', async () => {
    const { platform, window, settings } = await setUp()
    const workspace = { environment: 'staging', endpoints: elsewhere }
    const extension = await activate(entry, { window, settings: { ...settings, workspace } })
    await extension.run('signIn')
    expect(extension.said).toEqual([])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('says which setting is wrong, and works with none in its place', async () => {
    const { window } = await setUp()
    const user = { endpoints: { authGateway: 'auth.example.com' } }
    const extension = await activate(entry, { window, settings: { user } })
    await expect.poll(() => extension.said.join()).toContain('endpoints.authGateway')
    expect(extension.said.join()).toMatch(/^A Lanonasis setting is wrong\. /)
    expect(extension.provider()).toBeUndefined()
  })

  it('goes on with the settings of now, as soon as they are corrected', async () => {
    const { platform, window, settings } = await setUp()
    const wrong = { user: { endpoints: { authGateway: 'auth.example.com' } } }
    const extension = await activate(entry, { window, settings: wrong })
    await expect.poll(() => extension.said.join()).toContain('endpoints.authGateway')
    extension.change(settings.user)
    await extension.run('signIn')
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    // Once more: what was registered before is not in the way.
    extension.change(settings.user)
    expect(await extension.provider()?.getSessions()).toHaveLength(1)
  })

  it('signs out by the editor’s menu as by its own command: the key is dead as well', async () => {
    const { platform, window, settings } = await setUp()
    const extension = await activate(entry, { window, settings })
    await extension.run('signIn')
    const [session] = (await extension.provider()?.getSessions()) ?? []
    await extension.provider()?.removeSession(session?.id ?? '')
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([false])
    expect(await extension.provider()?.getSessions()).toEqual([])
    // ★17 The gateway lets no page revoke tokens: that is said, and of the tokens alone.
    const warning = expect.stringMatching(
      /^Signed out of this editor\. .* the session may live on:/,
    )
    expect(extension.said).toEqual(entry === 'web' ? [warning] : [])
  })

  it('shows each memory, whatever is in its title', async () => {
    const { platform, window, settings } = await setUp()
    const extension = await activate(entry, { window, settings })
    const titles = ['/api/v1 notes', '//', 'C:\\notes', 'half a \ud83d', 'line\nbreak', '..']
    for (const title of titles) platform.addMemory({ title })
    await extension.run('signIn')
    const items = await extension.tree()
    expect(extension.said).toEqual([])
    expect(items.map((item) => item?.label).sort()).toEqual([...titles].sort())
    const documents = items.map((item) => String(item?.command?.arguments[0]))
    expect(documents.filter((text) => !/^lanonasis:\/[^/]+\.md\?/.test(text))).toEqual([])
  })

  it('writes of an error that it does not know where it was, and nothing of its text', async () => {
    const { platform, window, settings } = await setUp()
    const extension = await activate(entry, { window, settings })
    await extension.run('signIn')
    const [secret = ''] = window.storage.secrets.values()
    expect(platform.apiKeys).toHaveLength(1)
    extension.breakWith(new TypeError(`cannot show ${secret}`))
    await extension.run('enterKey')
    expect(extension.said.at(-1)).toBe('Lanonasis: something unexpected went wrong.')
    const log = extension.log.join('\n')
    expect(log).toContain('unexpected: TypeError')
    expect(log).not.toContain(secret)
  })

  it('writes into its log what it does, and no credential', async () => {
    const { platform, window, settings } = await setUp()
    const extension = await activate(entry, { window, settings })
    await extension.run('signIn')
    await extension.run('rotateKey')
    await extension.run('signOut')
    await extension.run('rotateKey')
    const log = extension.log.join('\n')
    for (const part of ['/oauth/token', '"signed-in"', '"signed-out"', 'login_required']) {
      expect(log).toContain(part)
    }
    const secrets = platform.requests.flatMap(({ headers, body }) => [
      headers.authorization?.replace('Bearer ', ''),
      headers['x-api-key'],
      ...[body?.code, body?.code_verifier, body?.refresh_token, body?.token],
    ])
    const known = new Set(secrets.filter((secret) => typeof secret === 'string'))
    // A page neither revokes tokens (★17) nor tries its key at the gateway (★8).
    expect(known.size).toBeGreaterThanOrEqual(entry === 'web' ? 3 : 5)
    for (const secret of [...known, ...window.storage.secrets.values()]) {
      expect(log).not.toContain(secret)
    }
    expect(extension.said.join()).toContain('is in use.')
    expect(extension.said.at(-1)).toBe('You are not signed in to Lanonasis.')
  })
})
