import { describe, expect, it } from 'vitest'
import { createBrowser } from '../../src/testing.ts'
import { configPath, modeOf, readJson } from '../support/directories.ts'
import { browserFlow, clientOn, served } from './clients.ts'

const generations = ['roadmap', '2026'] as const
const sessions = ['redirect', 'login_required', 'AUTH_REQUIRED'] as const
const deployments = generations.flatMap((generation) =>
  sessions.map((authorize) => ({ generation, authorize })),
)

/** What is stored for the one account in the file. */
async function storedAccount(path: string) {
  const { accounts } = (await readJson(path)).auth
  const [account] = Object.values<Record<string, unknown>>(accounts)
  return account
}

describe.each(deployments)('the main job ($generation, $authorize)', (deployment) => {
  it('★5 ★12 ★13 ★17 ★30 signs in, gets a key, writes and reads memories, renews and signs out', async () => {
    const platform = await served(deployment)
    const path = await configPath()
    const client = clientOn(platform, { path })

    // Sign in.
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
    expect(await client.login()).toMatchObject({
      status: 'signed-in',
      tokenKind: 'opaque',
      scope: 'memories:read memories:write',
      expiresAt: expect.any(Number),
    })
    expect(await modeOf(path)).toBe('0600')
    const token = await client.getAccessToken()
    expect(await client.introspect()).toMatchObject({ active: true, clientId: 'lanonasis-cli' })

    // A key, stored beside the tokens.
    const key = await client.apiKeys.ensure({ name: 'my-laptop' })
    const kind = deployment.generation === 'roadmap' ? 'pk' : 'lano'
    expect(key).toMatchObject({ created: true, kind, name: 'my-laptop' })
    expect(await storedAccount(path)).toMatchObject({
      api_key: expect.stringContaining(key.publicId),
      tokens: { access_token: token },
    })
    expect(await client.getSession()).toMatchObject({ apiKey: { publicId: key.publicId, kind } })

    // Memories.
    const created = await client.memory.create({
      title: 'Example',
      content: 'Détails 😀',
      type: 'knowledge',
      tags: ['tag'],
    })
    await client.memory.create({ title: 'Another', content: 'More', tags: ['tag'] })
    const read = await client.memory.get(created.id)
    expect(read).toMatchObject({ title: 'Example', content: 'Détails 😀', type: 'knowledge' })
    const titles: string[] = []
    for await (const memory of client.memory.list({ tags: ['tag'], limit: 1 })) {
      titles.push(memory.title)
    }
    expect(titles.sort()).toEqual(['Another', 'Example'])

    // Renew: the old token is dead at once.
    await client.refresh()
    const renewed = await client.getAccessToken()
    expect(renewed).not.toBe(token)
    expect(await client.introspect(token)).toEqual({ active: false })
    expect(await client.introspect(renewed)).toMatchObject({ active: true })
    expect(await storedAccount(path)).toMatchObject({ tokens: { access_token: renewed } })

    // Sign out, here and there.
    expect(await client.logout()).toEqual({ revoked: true })
    expect(await client.introspect(renewed)).toEqual({ active: false })
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
    expect(JSON.stringify(await readJson(path))).not.toContain(renewed)
    expect(JSON.stringify(await readJson(path))).not.toContain(key.publicId)
    await expect(client.getAccessToken()).rejects.toMatchObject({ code: 'login_required' })

    // And how all that went over the wire.
    expect(platform.requests.filter(({ credential }) => credential === 'both')).toEqual([])
    for (const { body, contentType } of platform.requestsTo('POST /oauth/token')) {
      expect(contentType).toMatch(/^application\/json/)
      expect(body).not.toHaveProperty('state')
    }
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(2)
    const toMemory = platform.requestsTo('* /memor*')
    expect(new Set(toMemory.map(({ credential }) => credential))).toEqual(new Set(['api-key']))
    const toKeys = platform.requestsTo('* /auth/api-keys*')
    expect(new Set(toKeys.map(({ credential }) => credential))).toEqual(new Set(['bearer']))
  })
})

describe('the next run of the program', () => {
  it('goes on with what the file holds, without a request', async () => {
    const platform = await served()
    const path = await configPath()
    const first = clientOn(platform, { path })
    await first.login({ apiKey: { name: 'my-laptop' } })
    const token = await first.getAccessToken()

    platform.requests.length = 0
    const second = clientOn(platform, { path, login: [] })
    expect(await second.getSession()).toEqual(await first.getSession())
    expect(await second.getAccessToken()).toBe(token)
    expect(await second.apiKeys.ensure({ name: 'my-laptop' })).toMatchObject({ created: false })
    expect(platform.requests).toEqual([])
  })

  it('★14 needs a sign-in of its own for another client', async () => {
    const platform = await served()
    const path = await configPath()
    await clientOn(platform, { path }).login()
    const editor = clientOn(platform, { path, clientId: 'vscode-extension' })
    await expect(editor.getAccessToken()).rejects.toMatchObject({ code: 'login_required' })
    await editor.login()
    await clientOn(platform, { path }).refresh()
    await editor.refresh()
    expect(platform.requestsTo('POST /oauth/token').map(({ body }) => body?.client_id)).toEqual([
      'lanonasis-cli',
      'vscode-extension',
      'lanonasis-cli',
      'vscode-extension',
    ])
  })

  it('★15 renews once for all who share the file', async () => {
    const platform = await served()
    const path = await configPath()
    const clients = Array.from({ length: 8 }, () => clientOn(platform, { path }))
    await clients[0]?.login()
    await Promise.all(clients.map((client) => client.getAccessToken()))
    platform.clock.advance(900_000)
    platform.requests.length = 0

    const tokens = await Promise.all(clients.map((client) => client.getAccessToken()))
    expect(new Set(tokens).size).toBe(1)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('asks the person for consent only, while the browser remembers the sign-in', async () => {
    const platform = await served()
    const path = await configPath()
    const person = { browser: createBrowser() }
    const client = clientOn(platform, { path, login: browserFlow(platform, { person }) })
    await client.login()
    await client.logout()
    platform.requests.length = 0
    await client.login()
    expect(platform.requestsTo('POST /auth/cli-login')).toEqual([])
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('signs another person in over the one before', async () => {
    const platform = await served()
    const other = platform.addUser({ email: 'grace@example.com', password: 'nanosecond' })
    const path = await configPath()
    await clientOn(platform, { path }).login()
    const person = { email: other.email }
    const client = clientOn(platform, { path, login: browserFlow(platform, { person }) })
    await client.login()
    expect(await client.introspect()).toMatchObject({ active: true, userId: other.id })
  })
})
