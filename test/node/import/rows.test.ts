import { describe, expect, it } from 'vitest'
import {
  cliConfig,
  encryptedByFirstVersions,
  encryptedFile,
  oldSalts,
  stagingServices,
} from '../../import/fixtures/contents.ts'
import {
  apiKey,
  hashOf,
  jwt,
  opaqueToken,
  refreshToken,
} from '../../import/fixtures/credentials.ts'
import { importer } from '../../import/fixtures/home.ts'
import { epoch } from '../../support/setup.ts'

const minute = 60_000
const inTenMinutes = epoch + 10 * minute

describe('~/.maas.config, where it is not the store of the client', () => {
  it('has its top-level token taken as the legacy token, and asks to sign in', async () => {
    const token = jwt()
    const { run, account } = await importer({ '.maas.config': { token } })
    const { taken, hints } = await run()
    expect(taken).toMatchObject([{ kind: 'legacy-token', expiresAt: epoch + 60 * minute }])
    expect(hints).toContainEqual(expect.objectContaining({ code: 'sign_in_again' }))
    expect(await account()).toMatchObject({
      session: { status: 'signed-out' },
      legacyToken: token,
      legacyOrigins: expect.arrayContaining(['https://mcp.lanonasis.com']),
    })
  })

  it('gives its tokens and its API key', async () => {
    const tokens = {
      access_token: opaqueToken(),
      refresh_token: refreshToken(),
      token_type: 'Bearer',
      expires_at: new Date(inTenMinutes).toISOString(),
      scope: 'memories:read',
    }
    const auth = { tokens, api_key: apiKey(), client_id: 'lanonasis-cli' }
    const { run, account } = await importer({ '.maas.config': { auth } })
    expect((await run()).taken).toMatchObject([
      { kind: 'tokens', tokenKind: 'opaque', renewable: true, expiresAt: inTenMinutes },
      { kind: 'api-key', publicId: auth.api_key.split('.')[0], keyKind: 'pk' },
    ])
    expect(await account()).toMatchObject({
      session: { tokens: { accessToken: tokens.access_token, refreshToken: tokens.refresh_token } },
      apiKey: { value: auth.api_key },
    })
  })

  it("★14 leaves tokens in the CLI's file, which name no client, to the CLI", async () => {
    const tokens = { access_token: opaqueToken(), refresh_token: refreshToken() }
    const files = { '.maas/config.json': tokens }
    const other = await importer(files, { clientId: 'vscode-extension' })
    expect(await other.run()).toMatchObject({ taken: [], unusable: [{ code: 'other_client' }] })
    const { run } = await importer(files, { clientId: 'lanonasis-cli' })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens', renewable: true }])
  })

  it('★14 keeps the session of another client, and gives its API key', async () => {
    const tokens = { access_token: opaqueToken(), refresh_token: refreshToken() }
    const auth = { tokens, api_key: apiKey(), client_id: 'lanonasis-cli' }
    const files = { '.maas.config': { auth } }
    const { run, account } = await importer(files, { clientId: 'vscode-extension' })
    const { taken, unusable } = await run()
    expect(taken).toMatchObject([{ kind: 'api-key' }])
    expect(unusable).toMatchObject([{ kind: 'tokens', code: 'other_client' }])
    expect((await account())?.session.status).toBe('signed-out')
  })

  it('★3 keeps the session of another gateway', async () => {
    const tokens = { access_token: opaqueToken(), refresh_token: refreshToken() }
    const services = { auth_gateway: 'https://auth.lanonasis.com:3005' }
    const { run, account } = await importer({ '.maas.config': { auth: { tokens }, services } })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'other_issuer' }] })
    expect(await account()).toBeUndefined()
  })
})

describe('~/.maas/config.json', () => {
  it.each([
    ['milliseconds', inTenMinutes],
    ['seconds', inTenMinutes / 1000],
    ['a text of milliseconds', String(inTenMinutes)],
    ['a text of seconds', String(inTenMinutes / 1000)],
    ['ISO 8601', new Date(inTenMinutes).toISOString()],
  ])('gives its pair, with token_expires_at in %s', async (_, token_expires_at) => {
    const token = opaqueToken()
    const refresh_token = refreshToken()
    const config = cliConfig({ token, refresh_token, token_expires_at, authMethod: 'oauth' })
    const { run, account } = await importer({ '.maas/config.json': config })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens', renewable: true }])
    expect(await account()).toMatchObject({
      session: {
        tokens: {
          accessToken: token,
          refreshToken: refresh_token,
          kind: 'opaque',
          expiresAt: inTenMinutes,
        },
      },
    })
  })

  it.each(['jwt', 'oauth', 'oauth2', 'vendor_key', undefined])(
    '★29 takes an opaque token for one of PKCE, labelled %s and without a refresh token',
    async (authMethod) => {
      const token = opaqueToken()
      const files = { '.maas/config.json': cliConfig({ token, authMethod }) }
      const { run, account, client } = await importer(files, { ageMs: 5 * minute })
      const { taken, hints } = await run()
      expect(taken).toMatchObject([
        { kind: 'tokens', tokenKind: 'opaque', renewable: false, expiresAt: inTenMinutes },
      ])
      expect(hints).toContainEqual(expect.objectContaining({ code: 'sign_in_again' }))
      expect(await account()).toMatchObject({
        session: { tokens: { accessToken: token, kind: 'opaque' } },
      })
      expect((await account())?.legacyToken).toBeUndefined()
      expect(await client.getSession()).toMatchObject({ status: 'signed-in', tokenKind: 'opaque' })
    },
  )

  it('★29 says that such a token has ended, 15 minutes after the file was written', async () => {
    const config = cliConfig({ token: opaqueToken(), authMethod: 'jwt' })
    const { run, account } = await importer({ '.maas/config.json': config }, { ageMs: 15 * minute })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'expired' }] })
    expect(await account()).toBeUndefined()
  })

  it('★29 counts from when the token was validated, where the file says that', async () => {
    const lastValidated = new Date(epoch - 16 * minute).toISOString()
    const config = cliConfig({ token: opaqueToken(), authMethod: 'jwt', lastValidated })
    const { run } = await importer({ '.maas/config.json': config })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'expired' }] })
  })

  it('★16 takes a JWT with its refresh token as a pair of the JWT family', async () => {
    const token = jwt()
    const config = cliConfig({ token, refresh_token: refreshToken(), authMethod: 'oauth' })
    const { run, account } = await importer({ '.maas/config.json': config })
    expect((await run()).taken).toMatchObject([{ tokenKind: 'jwt', renewable: true }])
    expect(await account()).toMatchObject({
      session: { tokens: { kind: 'jwt', expiresAt: epoch + 60 * minute } },
    })
  })

  it('takes a JWT alone as the legacy token', async () => {
    const token = jwt()
    const config = cliConfig({ token, authMethod: 'jwt', tokenExpiry: inTenMinutes / 1000 })
    const { run, account } = await importer({ '.maas/config.json': config })
    expect((await run()).taken).toMatchObject([{ kind: 'legacy-token' }])
    expect(await account()).toMatchObject({ legacyToken: token })
  })

  it('takes a simple CLI token for 30 days', async () => {
    const token = `cli_ada_${epoch - 29 * 24 * 60 * minute}`
    const young = await importer({ '.maas/config.json': cliConfig({ token }) })
    expect((await young.run()).taken).toMatchObject([{ kind: 'legacy-token' }])
    const old = `cli_ada_${epoch - 31 * 24 * 60 * minute}`
    const dead = await importer({ '.maas/config.json': cliConfig({ token: old }) })
    expect(await dead.run()).toMatchObject({ taken: [], unusable: [{ code: 'expired' }] })
  })

  it('gives the API key that is its vendorKey', async () => {
    const vendorKey = apiKey()
    const config = cliConfig({ vendorKey: ` "${vendorKey}"\n`, authMethod: 'vendor_key' })
    const { run, account } = await importer({ '.maas/config.json': config })
    expect((await run()).taken).toMatchObject([{ kind: 'api-key', keyKind: 'pk' }])
    expect((await account())?.apiKey).toMatchObject({
      value: vendorKey,
      origins: expect.arrayContaining(['https://mcp.lanonasis.com']),
    })
  })

  it('takes a JWT in the place of the vendorKey as the legacy token, never as a key', async () => {
    const vendorKey = jwt()
    const { run, account } = await importer({ '.maas/config.json': cliConfig({ vendorKey }) })
    expect((await run()).taken).toMatchObject([{ kind: 'legacy-token' }])
    expect(await account()).toMatchObject({ legacyToken: vendorKey })
    expect((await account())?.apiKey).toBeUndefined()
  })

  it('★9 leaves the SHA-256 of a key, and does not show it', async () => {
    const hash = hashOf(apiKey())
    const { run, account } = await importer({ '.maas/config.json': cliConfig({ vendorKey: hash }) })
    const report = await run()
    expect(report).toMatchObject({ taken: [], unusable: [{ kind: 'api-key', code: 'key_hash' }] })
    expect(JSON.stringify(report)).not.toContain(hash.slice(0, 8))
    expect(await account()).toBeUndefined()
  })

  it('looks into the key storage where its vendorKey says so', async () => {
    const config = cliConfig({ vendorKey: 'stored_in_api_key_storage' })
    const key = apiKey()
    const stored = encryptedFile({ apiKey: key }, { salt: oldSalts.key })
    const files = { '.maas/config.json': config, '.lanonasis/api-key.enc': stored }
    const { run, account } = await importer(files)
    expect(await run()).toMatchObject({ taken: [{ kind: 'api-key' }], unusable: [] })
    expect(await account()).toMatchObject({ apiKey: { value: key } })
  })

  it('says so when the key storage it names is not there', async () => {
    const config = cliConfig({ vendorKey: 'stored_in_api_key_storage' })
    const { run } = await importer({ '.maas/config.json': config })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'key_elsewhere' }] })
  })

  it.each(['pk_only', 'sk_only', 'nonsense'])('says what is wrong with %s', async (vendorKey) => {
    const { run } = await importer({ '.maas/config.json': cliConfig({ vendorKey }) })
    const [found] = (await run()).unusable
    expect(found?.code).toBe(vendorKey === 'nonsense' ? 'key_malformed' : 'key_incomplete')
  })

  it.each([
    ['another gateway', { discoveredServices: stagingServices }],
    ['a development server', { apiUrl: 'http://localhost:4000' }],
    ['a host with a name like ours', { apiUrl: 'https://api.lanonasis.com.example.net' }],
    ['another port', { apiUrl: 'https://api.lanonasis.com:8443' }],
    ['no address at all', { apiUrl: 'api.lanonasis.com' }],
    ['no TLS', { apiUrl: 'http://api.lanonasis.com' }],
    ['overrides', { manualEndpointOverrides: { mcp_base: 'https://mcp.example.net' } }],
  ])('★1 ★3 leaves everything of a file that names %s', async (_, fields) => {
    const token = opaqueToken()
    const config = cliConfig({
      token,
      refresh_token: refreshToken(),
      vendorKey: apiKey(),
      ...fields,
    })
    const { run, account } = await importer({ '.maas/config.json': config })
    const { taken, unusable, hints } = await run()
    expect(taken).toEqual([])
    expect(unusable).toMatchObject([{ code: 'other_issuer' }, { code: 'other_issuer' }])
    expect(hints).toContainEqual(expect.objectContaining({ code: 'other_services' }))
    expect(await account()).toBeUndefined()
  })

  it.each([undefined, refreshToken()])(
    '★3 leaves a JWT that names another issuer (case %#)',
    async (refresh_token) => {
      const token = jwt({ iss: 'https://abc.supabase.co/auth/v1' })
      const { run } = await importer({ '.maas/config.json': cliConfig({ token, refresh_token }) })
      expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'other_issuer' }] })
    },
  )

  it.each(['https://auth.lanonasis.com', 'lanonasis'])(
    'takes a JWT pair that names %s as its issuer',
    async (iss) => {
      const config = cliConfig({ token: jwt({ iss }), refresh_token: refreshToken() })
      const { run } = await importer({ '.maas/config.json': config })
      expect((await run()).taken).toMatchObject([{ kind: 'tokens', tokenKind: 'jwt' }])
    },
  )

  it('takes a JWT of the REST API, from before there was a gateway, as the legacy token', async () => {
    const discoveredServices = { auth_base: 'https://api.lanonasis.com/auth' }
    const token = jwt({ iss: 'https://api.lanonasis.com' })
    const config = cliConfig({ token, refresh_token: refreshToken(), discoveredServices })
    const { run } = await importer({ '.maas/config.json': config })
    expect((await run()).taken).toMatchObject([{ kind: 'legacy-token' }])
  })

  it('★3 gives a client of staging what names staging, and nothing else', async () => {
    const config = cliConfig({ token: opaqueToken(), refresh_token: refreshToken() })
    const staging = { ...config, discoveredServices: stagingServices }
    const endpoints = { authGateway: 'https://auth.lanonasis.com:3005' }
    const same = await importer({ '.maas/config.json': staging }, { endpoints })
    expect((await same.run()).taken).toMatchObject([{ kind: 'tokens' }])
    const other = await importer({ '.maas/config.json': config }, { endpoints })
    expect(await other.run()).toMatchObject({ taken: [], unusable: [{ code: 'other_issuer' }] })
  })
})

describe('~/.lanonasis/credentials.json and ~/.onasis/config.json', () => {
  const places = ['.lanonasis/credentials.json', '.onasis/config.json']

  it.each(places)('%s gives its pair', async (place) => {
    const access_token = opaqueToken()
    const content = {
      access_token,
      refresh_token: refreshToken(),
      expires_at: inTenMinutes,
      auth_method: 'oauth',
    }
    const { run, account } = await importer({ [place]: content })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens', renewable: true }])
    expect(await account()).toMatchObject({
      session: { tokens: { accessToken: access_token, expiresAt: inTenMinutes } },
    })
  })

  it.each(places)(
    '%s may say 0 for its expiry: counted from when it was written',
    async (place) => {
      const pair = {
        access_token: opaqueToken(),
        refresh_token: refreshToken(),
        auth_method: 'oauth',
      }
      const { run, account } = await importer(
        { [place]: { ...pair, expires_at: 0, expires_in: 3600 } },
        { ageMs: 50 * minute },
      )
      expect((await run()).taken).toMatchObject([{ renewable: true, expiresAt: inTenMinutes }])
      expect(await account()).toMatchObject({ session: { tokens: { expiresAt: inTenMinutes } } })
    },
  )

  it.each(places)('%s gives a pair whose access token has ended, to be renewed', async (place) => {
    const pair = {
      access_token: opaqueToken(),
      refresh_token: refreshToken(),
      expires_at: epoch - 1,
    }
    const { run } = await importer({ [place]: pair })
    expect((await run()).taken).toMatchObject([{ renewable: true, expiresAt: epoch - 1 }])
  })

  it.each(places)('%s gives nothing when all has ended', async (place) => {
    const { run } = await importer({
      [place]: { access_token: opaqueToken(), expires_at: epoch - 1 },
    })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'expired' }] })
  })

  it('gives nothing of a refresh token whose own time is over', async () => {
    const pair = {
      access_token: opaqueToken(),
      refresh_token: refreshToken(),
      expires_at: epoch - 2,
    }
    const content = { ...pair, refresh_expires_at: epoch - 1 }
    const { run } = await importer({ '.lanonasis/credentials.json': content })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'expired' }] })
  })
})

describe('~/.lanonasis/*.enc', () => {
  const pair = () => ({
    access_token: opaqueToken(),
    refresh_token: refreshToken(),
    token_type: 'bearer',
    expires_in: 900,
    issued_at: epoch - 5 * minute,
  })

  it.each([
    ['AES-256-GCM', (tokens: unknown) => encryptedFile(tokens, { salt: oldSalts.tokens })],
    ['the AES-256-CBC of the first versions', encryptedByFirstVersions],
  ])('mcp-tokens.enc gives its pair, encrypted with %s', async (_, encrypt) => {
    const tokens = pair()
    const { run, account } = await importer({ '.lanonasis/mcp-tokens.enc': encrypt(tokens) })
    expect((await run()).taken).toMatchObject([{ renewable: true, expiresAt: inTenMinutes }])
    expect(await account()).toMatchObject({
      session: { tokens: { accessToken: tokens.access_token, tokenType: 'Bearer' } },
    })
  })

  it('mcp-tokens.enc may hold an API key in the place of a token', async () => {
    const key = apiKey()
    const content = { access_token: key, token_type: 'api-key', expires_in: 0 }
    const encrypted = encryptedFile(content, { salt: oldSalts.tokens })
    const { run, account } = await importer({ '.lanonasis/mcp-tokens.enc': encrypted })
    expect((await run()).taken).toMatchObject([{ kind: 'api-key' }])
    expect(await account()).toMatchObject({ apiKey: { value: key } })
  })

  it('★9 api-key.enc mostly has the SHA-256 of a key, which is left', async () => {
    const content = { apiKey: hashOf(apiKey()), environment: 'production' }
    const encrypted = encryptedFile(content, { salt: oldSalts.key })
    const { run } = await importer({ '.lanonasis/api-key.enc': encrypted })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'key_hash' }] })
  })

  it('api-key.enc gives no key that has ended', async () => {
    const content = { apiKey: apiKey(), expiresAt: new Date(epoch - 1).toISOString() }
    const encrypted = encryptedFile(content, { salt: oldSalts.key })
    const { run } = await importer({ '.lanonasis/api-key.enc': encrypted })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'expired' }] })
  })

  it.each([
    [
      'made on another machine',
      encryptedFile(pair(), { salt: oldSalts.tokens, passphrase: 'elsewhere' }),
    ],
    [
      'with one digit changed',
      encryptedFile(pair(), { salt: oldSalts.tokens }).replace(/.$/, (digit) =>
        digit === '0' ? '1' : '0',
      ),
    ],
    ['cut off', encryptedFile(pair(), { salt: oldSalts.tokens }).slice(0, 80)],
    ['empty', ''],
    ['plain', JSON.stringify(pair())],
    ['with too many parts', 'aa:bb:cc:dd'],
  ])('say that they cannot be decrypted: %s', async (_, content) => {
    const { run } = await importer({ '.lanonasis/mcp-tokens.enc': content })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'not_decryptable' }] })
  })

  it('api-key.txt of the first versions gives its key', async () => {
    const { run } = await importer({ '.lanonasis/api-key.txt': `${apiKey()}\r\n` })
    expect((await run()).taken).toMatchObject([{ kind: 'api-key' }])
  })
})

describe('the environment', () => {
  it('is reported, and never stored', async () => {
    const env = {
      LANONASIS_API_KEY: apiKey(),
      LANONASIS_TOKEN: jwt(),
      LANONASIS_VENDOR_KEY: apiKey(),
      MEMORY_API_KEY: '  ',
    }
    const { run, account } = await importer({})
    const report = await run({ env })
    expect(report.found.map(({ location }) => location).sort()).toEqual([
      'LANONASIS_API_KEY',
      'LANONASIS_TOKEN',
      'LANONASIS_VENDOR_KEY',
    ])
    expect(report.unusable.map(({ code }) => code)).toEqual(Array(3).fill('environment_only'))
    expect(report.hints).toMatchObject([{ code: 'environment_outranks' }])
    expect(report.taken).toEqual([])
    expect(await account()).toBeUndefined()
  })

  it.each(['LANONASIS_API_KEY', 'LANONASIS_VENDOR_KEY', 'MEMORY_API_KEY'])(
    'gives the API key of %s when that is asked for',
    async (name) => {
      const key = apiKey()
      const { run, account } = await importer({})
      const options = { env: { [name]: ` ${key}\n` }, environment: 'take' } as const
      expect((await run({ ...options, dryRun: true })).taken).toMatchObject([{ location: name }])
      expect(await account()).toBeUndefined()
      const report = await run(options)
      expect(report).toMatchObject({
        found: [{ place: 'environment', location: name, became: 'kept' }],
        taken: [{ kind: 'api-key', location: name }],
        unusable: [],
      })
      expect(JSON.stringify(report)).not.toContain(key)
      expect((await account())?.apiKey?.value).toBe(key)
      expect((await run(options)).passedOver).toMatchObject([{ reason: 'held' }])
    },
  )

  it('gives the token of LANONASIS_TOKEN by its form when that is asked for, after all others', async () => {
    const text = jwt()
    const legacy = await importer({})
    const options = { env: { LANONASIS_TOKEN: text }, environment: 'take' } as const
    expect((await legacy.run(options)).taken).toMatchObject([{ kind: 'legacy-token' }])
    expect((await legacy.account())?.legacyToken).toBe(text)
    const key = apiKey()
    const both = await importer({ '.lanonasis/api-key.txt': key })
    await both.run({ env: { MEMORY_API_KEY: apiKey() }, environment: 'take' })
    expect((await both.account())?.apiKey?.value).toBe(key)
  })

  it('gives nothing that is no credential', async () => {
    const { run } = await importer({})
    const env = { MEMORY_API_KEY: hashOf(apiKey()), LANONASIS_TOKEN: jwt({ exp: 1 }) }
    const { taken, unusable } = await run({ env, environment: 'take' })
    expect(taken).toEqual([])
    expect(unusable.map(({ code }) => code)).toEqual(['key_hash', 'expired'])
  })
})
