import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { servePlatform } from '../../../src/testing-node.ts'
import { failure } from '../../support/async.ts'
import { desktop } from '../../support/vscode-api.ts'
import { copyOf } from '../copies.ts'
import { activate } from './stub.ts'

const wrong = { endpoints: { authGateway: 'auth.example.com' } }

beforeAll(() => copyOf('vscode'))

async function setUp(more: Partial<Parameters<typeof activate>[1]> = {}) {
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  const editor = desktop({
    browse: async (url) => editor.handOver(await platform.signIn(url)),
  })
  const window = editor.open()
  const settings = { user: { endpoints: platform.endpoints } }
  const start = () => activate('desktop', { window, settings, ...more })
  return { platform, window, settings, start }
}

describe('the packed extension', () => {
  it('names the key that nobody has, whatever its own words for the trouble are', async () => {
    const { platform, start } = await setUp()
    const extension = await start()
    await extension.run('signIn')
    const body = { valid: false, error: { code: 'invalid_credential' } }
    platform.order({ match: 'POST /v1/auth/introspect', action: { status: 401, body } })
    platform.order({ match: 'POST */revoke', action: { status: 403 } })
    await extension.run('rotateKey')
    const orphan = platform.apiKeys.at(-1)?.id
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([true, true])
    expect(extension.said.at(-1)).toContain(`Revoke the key ${orphan}`)
  })

  it('shows neither memories nor the lack of them once a setting is wrong', async () => {
    const { platform, start } = await setUp()
    const { id } = platform.addMemory({ title: 'One' })
    const extension = await start()
    await extension.run('signIn')
    await expect.poll(() => extension.status()).toBe('signed-in')
    expect(await extension.tree()).toHaveLength(1)
    const before = extension.refreshes()
    extension.change(wrong)
    await expect.poll(() => extension.said.join()).toContain('endpoints.authGateway')
    expect(extension.refreshes()).toBeGreaterThan(before)
    expect(await extension.tree()).toEqual([])
    expect(extension.status()).toBe('not-started')
    // Nobody may take it for a memory with nothing in it.
    expect(await failure(extension.open(id))).toBeInstanceOf(Error)
  })

  it('shows a memory once that has moved to the next page meanwhile', async () => {
    const { platform, start } = await setUp()
    for (let one = 1; one <= 150; one++) platform.addMemory({ title: `${one}` })
    const really = globalThis.fetch
    let shown = false
    vi.stubGlobal('fetch', async (...given: Parameters<typeof fetch>) => {
      const answer = await really(...given)
      const [asked] = given
      const { pathname, searchParams } = new URL(asked instanceof Request ? asked.url : asked)
      const isFirstPage = pathname.includes('/memor') && !searchParams.has('offset')
      if (shown && isFirstPage) platform.addMemory({ title: 'new' })
      return answer
    })
    onTestFinished(() => void vi.unstubAllGlobals())
    const extension = await start()
    await extension.run('signIn')
    shown = true
    expect((await extension.tree()).map((item) => item?.label)).toHaveLength(150)
  })

  it('takes the CLI’s key for who asks for it, also after they have signed out', async () => {
    const files: Record<string, unknown> = {}
    const { platform, window, start } = await setUp({ files, chooses: ['Use'] })
    const { key } = await platform.createApiKey({ name: 'of the CLI' })
    const services = { auth_gateway: platform.endpoints.authGateway }
    files['.maas.config'] = { auth: { api_key: key }, services }
    const extension = await start()
    const isHeld = () => [...window.storage.secrets.values()].join().includes(key)
    await extension.run('import')
    expect(isHeld()).toBe(true)
    await extension.run('signOut')
    expect(isHeld()).toBe(false)
    await extension.run('import')
    expect(isHeld()).toBe(true)
  })

  it('says why the addresses of the CLI are not offered', async () => {
    const files = { '.maas.config': { services: { auth_gateway: 'http://auth.example.com' } } }
    const { start } = await setUp({ files })
    const extension = await start()
    await extension.run('import')
    expect(extension.said.at(-1)).toMatch(/^There is nothing to import\..*auth_gateway/)
  })
})
