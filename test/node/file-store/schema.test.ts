import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { accountOf, production, put, signedIn, tokens } from './accounts.ts'

/** `~/.maas.config` as the roadmap draws it (§1.1). */
const roadmapFile = {
  auth: {
    tokens: {
      access_token: 'an-access-token',
      refresh_token: 'a-refresh-token',
      token_type: 'Bearer',
      expires_at: '2026-06-01T12:15:00.000Z',
      scope: 'memories:read',
    },
    legacyToken: 'an-old-token',
    api_key: 'pk_1.sk_2',
    client_id: 'lanonasis-cli',
  },
  services: {
    auth_gateway: 'https://auth.lanonasis.com',
    mcp_http: 'https://mcp.lanonasis.com/api/v1',
    mcp_ws: 'wss://mcp.lanonasis.com/ws',
    mcp_sse: 'https://mcp.lanonasis.com/api/v1/events',
    rest_api: 'https://api.lanonasis.com/api/v1',
  },
  last_updated: '2026-06-01T12:00:00.000Z',
}

describe('the schema of the config file', () => {
  it('is that of the roadmap, field by field', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, {
      session: { status: 'signed-in', tokens: tokens('ada') },
      apiKey: { value: 'pk_1.sk_2', id: '17', name: 'my-laptop' },
      legacyToken: 'an-old-token',
    })

    const { auth, last_updated } = await readJson(path)
    expect(auth).toMatchObject({
      tokens: {
        access_token: 'access-of-ada',
        refresh_token: 'refresh-of-ada',
        token_type: 'Bearer',
        expires_at: '2026-06-01T12:15:00.000Z',
        scope: 'memories:read memories:write',
      },
      legacyToken: 'an-old-token',
      api_key: 'pk_1.sk_2',
      client_id: 'lanonasis-cli',
    })
    expect(new Date(last_updated).toISOString()).toBe(last_updated)
  })

  it('adds what the roadmap has no field for under names of its own', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('ada'))
    expect((await readJson(path)).auth.tokens).toMatchObject({
      issuer: 'https://auth.lanonasis.com',
      token_kind: 'opaque',
      obtained_at: '2026-06-01T12:00:00.000Z',
      refresh_expires_at: '2026-07-01T12:00:00.000Z',
    })
  })

  it('is read from a file that another program wrote', async () => {
    const store = fileStore({ path: await configPath(roadmapFile) })
    expect(await accountOf(store, production)).toMatchObject({
      session: {
        status: 'signed-in',
        tokens: {
          accessToken: 'an-access-token',
          refreshToken: 'a-refresh-token',
          tokenType: 'Bearer',
          kind: 'opaque',
          expiresAt: Date.UTC(2026, 5, 1, 12, 15),
          scope: 'memories:read',
        },
      },
      apiKey: { value: 'pk_1.sk_2' },
      legacyToken: 'an-old-token',
    })
  })

  it.each([
    ['signed in', signedIn('ada')],
    [
      'signed in, with a key',
      signedIn('ada', {
        apiKey: { value: 'pk_1.sk_2', id: '17', name: 'n', origins: ['https://m'] },
      }),
    ],
    [
      'signed in by a password, without a scope or an end',
      {
        session: {
          status: 'signed-in',
          tokens: { accessToken: 'h.p.s', tokenType: 'Bearer', kind: 'jwt', origins: [] },
        },
      },
    ],
    [
      'signed in, with a renewal under way and a pause after another one',
      signedIn('ada', {
        intent: { refreshTokenHash: 'a-hash', since: Date.UTC(2026, 5, 1, 12, 14) },
        coolDown: { until: Date.UTC(2026, 5, 1, 12, 16), code: 'rate_limited' },
      }),
    ],
    ['expired', { session: { status: 'expired', refreshTokenHash: 'a-hash' } }],
    [
      'signed out, with a key',
      { session: { status: 'signed-out' }, apiKey: { value: 'pk_1.sk_2' } },
    ],
    ['signed out', { session: { status: 'signed-out' } }],
  ] as const)('brings back an account that is %s', async (_name, account) => {
    const path = await configPath()
    await put(fileStore({ path }), production, account)
    expect(await accountOf(fileStore({ path }), production)).toMatchObject(account)
  })

  it('forgets the fields of an account that has lost them', async () => {
    const path = await configPath(roadmapFile)
    await put(fileStore({ path }), production, { session: { status: 'signed-out' } })
    const { auth } = await readJson(path)
    expect(Object.keys(auth)).not.toContain('tokens')
    expect(Object.keys(auth)).not.toContain('api_key')
    expect(Object.keys(auth)).not.toContain('legacyToken')
  })

  it('has no entry after the account was removed', async () => {
    const path = await configPath(roadmapFile)
    const store = fileStore({ path })
    await put(store, production, undefined)
    expect(await store.read(production)).toBeUndefined()
    expect((await readJson(path)).services).toEqual(roadmapFile.services)
  })

  it('keeps fields it does not know, at every level', async () => {
    const path = await configPath({
      ...roadmapFile,
      theme: { dark: true },
      services: { ...roadmapFile.services, vector_db: 'https://vectors.lanonasis.com' },
      auth: {
        ...roadmapFile.auth,
        mfa: ['totp'],
        tokens: { ...roadmapFile.auth.tokens, id_token: 'kept' },
        accounts: { 'a newer kind of key': { shape: 'unknown' } },
      },
    })
    const store = fileStore({ path })
    await put(store, { ...production, profile: 'work' }, signedIn('work'))
    await put(store, production, signedIn('ada'))

    const config = await readJson(path)
    expect(config.theme).toEqual({ dark: true })
    expect(config.services.vector_db).toBe('https://vectors.lanonasis.com')
    expect(config.auth.mfa).toEqual(['totp'])
    expect(config.auth.tokens.id_token).toBe('kept')
    expect(config.auth.accounts['a newer kind of key']).toEqual({ shape: 'unknown' })
  })

  it('keeps fields it does not know within another account', async () => {
    const path = await configPath()
    const store = fileStore({ path })
    const work = { ...production, profile: 'work' }
    await put(store, work, signedIn('work'))

    const config = await readJson(path)
    const [[name, section]] = Object.entries<object>(config.auth.accounts) as [[string, object]]
    config.auth.accounts[name] = { ...section, colour: 'green' }
    const changed = await configPath(config)
    await put(fileStore({ path: changed }), work, signedIn('work, again'))

    const accounts: Record<string, unknown> = (await readJson(changed)).auth.accounts
    expect(Object.values(accounts)).toMatchObject([
      { colour: 'green', tokens: { access_token: 'access-of-work, again' } },
    ])
  })

  it('never writes over `services`', async () => {
    const path = await configPath({ services: roadmapFile.services })
    await put(fileStore({ path }), production, signedIn('ada'))
    expect((await readJson(path)).services).toEqual(roadmapFile.services)
  })

  it('takes a time that is no time as not said', async () => {
    const { auth } = roadmapFile
    const path = await configPath({
      ...roadmapFile,
      auth: { ...auth, tokens: { ...auth.tokens, expires_at: 'soon' } },
    })
    const account = await accountOf(fileStore({ path }), production)
    expect(account?.session).toMatchObject({ tokens: { accessToken: 'an-access-token' } })
    expect(account?.session).not.toHaveProperty('tokens.expiresAt', expect.anything())
  })

  it('survives a server that promises more time than a date can hold', async () => {
    const store = fileStore({ path: await configPath() })
    await put(store, production, {
      session: { status: 'signed-in', tokens: { ...tokens('ada'), expiresAt: 1e300 } },
    })
    expect(await accountOf(store, production)).toMatchObject({ session: { status: 'signed-in' } })
  })

  it.each([2, 99])('leaves a file of a newer format alone (%i)', async (format) => {
    const content = JSON.stringify({ ...roadmapFile, auth: { ...roadmapFile.auth, format } })
    const path = await configPath(content)
    const store = fileStore({ path })
    for (const work of [
      () => store.read(production),
      () => store.commit(production, undefined, signedIn('ada')),
    ]) {
      expect(await failure(work())).toMatchObject({
        code: 'store_unavailable',
        retryable: false,
        hint: expect.stringContaining('Update'),
      })
    }
    expect(await readFile(path, 'utf8')).toBe(content)
  })

  it.each([0, 1, '2', null])('reads a file that says it is of format %j', async (format) => {
    const auth = { ...roadmapFile.auth, format }
    const store = fileStore({ path: await configPath({ ...roadmapFile, auth }) })
    expect(await accountOf(store, production)).toMatchObject({ legacyToken: 'an-old-token' })
  })

  it('holds long and unusual values unchanged', async () => {
    const accessToken = `${'é😀\u2028\u0000"\\'.repeat(20_000)}end`
    const path = await configPath()
    await put(fileStore({ path }), production, {
      session: { status: 'signed-in', tokens: { ...tokens('ada'), accessToken } },
      apiKey: { value: 'pk_1.sk_2', name: 'Ádas Läptop 💻' },
    })
    expect(await accountOf(fileStore({ path }), production)).toMatchObject({
      session: { tokens: { accessToken } },
      apiKey: { name: 'Ádas Läptop 💻' },
    })
  })
})
