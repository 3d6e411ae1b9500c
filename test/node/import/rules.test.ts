import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import type { TokenStore } from '../../../src/store/store.ts'
import { cliConfig, encryptedFile, oldSalts } from '../../import/fixtures/contents.ts'
import {
  apiKey,
  hashOf,
  jwt,
  opaqueToken,
  refreshToken,
} from '../../import/fixtures/credentials.ts'
import { importer, writeOldFile } from '../../import/fixtures/home.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { epoch, lifeMs, personFlow, signedIn } from '../../support/setup.ts'

const day = 24 * 3_600_000
const old = '.maas/config.json'

const clientId = 'lanonasis-cli'
const issuer = 'https://auth.lanonasis.com'

const pair = () => ({ access_token: opaqueToken(), refresh_token: refreshToken() })

function cliPair(fields: Record<string, unknown> = {}) {
  return cliConfig({
    token: opaqueToken(),
    refresh_token: refreshToken(),
    token_expires_at: epoch + lifeMs,
    authMethod: 'oauth',
    ...fields,
  })
}

describe('what the store holds', () => {
  it('wins over a session, a key and a legacy token of old places', async () => {
    const tokens = { accessToken: opaqueToken(), refreshToken: refreshToken(), expiresAt: 1 }
    const store = memoryStore({ tokens, apiKey: apiKey(), legacyToken: jwt() })
    const files = {
      [old]: cliPair({ vendorKey: apiKey() }),
      '.onasis/config.json': { access_token: jwt() },
    }
    const { run, account } = await importer(files, { store })
    const before = await account()
    const { taken, passedOver } = await run()
    expect(taken).toEqual([])
    expect(passedOver.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['tokens', 'outranked'],
      ['api-key', 'outranked'],
      ['legacy-token', 'outranked'],
    ])
    expect(await account()).toEqual(before)
  })

  it('is replaced when it is a session that cannot go on', async () => {
    const store = memoryStore({ tokens: { accessToken: opaqueToken(), expiresAt: epoch - 1 } })
    const { run, client } = await importer({ [old]: cliPair() }, { store })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens' }])
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it.each([
    ['good still', epoch + lifeMs],
    ['ended', epoch - 1],
  ])('is completed: the refresh token of its own session, which has %s', async (_, expiresAt) => {
    const config = cliPair()
    const tokens = { accessToken: String(config.token), expiresAt, signInId: 'first' }
    const { run, account } = await importer({ [old]: config }, { store: memoryStore({ tokens }) })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens', renewable: true }])
    expect(await account()).toMatchObject({
      session: { tokens: { ...tokens, refreshToken: config.refresh_token } },
    })
    expect(await run()).toMatchObject({ taken: [], passedOver: [{ reason: 'held' }] })
  })

  it('is completed from another place than the session was imported from', async () => {
    const config = cliPair()
    const { run, home } = await importer({ [old]: { ...config, refresh_token: undefined } })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens', renewable: false }])
    await writeOldFile(home, '.lanonasis/credentials.json', {
      access_token: config.token,
      refresh_token: config.refresh_token,
    })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens', renewable: true }])
  })

  it('keeps its own refresh token where a place has the access token alone', async () => {
    const config = cliPair({ refresh_token: undefined })
    const tokens = { accessToken: String(config.token), refreshToken: refreshToken() }
    const { run, account } = await importer({ [old]: config }, { store: memoryStore({ tokens }) })
    expect((await run()).passedOver).toMatchObject([{ reason: 'held' }])
    expect(await account()).toMatchObject({ session: { tokens } })
  })

  it('is completed: a key beside a session', async () => {
    const tokens = { accessToken: opaqueToken(), refreshToken: refreshToken() }
    const store = memoryStore({ tokens })
    const { run, account } = await importer({ [old]: cliPair({ vendorKey: apiKey() }) }, { store })
    expect((await run()).taken).toMatchObject([{ kind: 'api-key' }])
    expect(await account()).toMatchObject({ session: { tokens } })
  })

  it('is looked at again at the commit: who signs in meanwhile wins', async () => {
    const inner = memoryStore()
    const theirs = { accessToken: opaqueToken(), tokenType: 'Bearer', kind: 'opaque' } as const
    let raced = false
    const store: TokenStore = {
      ...inner,
      async commit(key, revision, value) {
        if (!raced) {
          raced = true
          await inner.commit(key, revision, { session: { status: 'signed-in', tokens: theirs } })
        }
        return inner.commit(key, revision, value)
      },
    }
    const { run, account } = await importer({ [old]: cliPair() }, { store })
    expect(await run()).toMatchObject({ taken: [], passedOver: [{ reason: 'outranked' }] })
    expect(await account()).toMatchObject({ session: { tokens: theirs } })
  })
})

describe('names of services', () => {
  it('are shown only where they are known, because a file may hold anything as a name', async () => {
    const name = '\u001b[2Jpk_evil_base'
    const discoveredServices = {
      memory_base: 'https://api.lanonasis.com',
      [name]: 'https://maas.example.net',
    }
    const config = cliConfig({ vendorKey: apiKey(), discoveredServices })
    const { run } = await importer({ [old]: config })
    const report = await run()
    expect(report.unusable).toMatchObject([{ code: 'other_issuer' }])
    expect(report.found[0]?.services).toHaveProperty('memory_base')
    expect(JSON.stringify(report)).not.toContain('evil')
  })
})

describe('importing again', () => {
  it('changes nothing while the same is stored', async () => {
    const { run, account } = await importer({ [old]: cliPair({ vendorKey: apiKey() }) })
    await run()
    const before = await account()
    const { taken, passedOver } = await run()
    expect(taken).toEqual([])
    expect(passedOver.map(({ reason }) => reason)).toEqual(['held', 'held'])
    expect(await account()).toEqual(before)
  })

  it('★13 does not bring back the pair that was renewed since, and has died', async () => {
    const { platform, run, client, home } = await importer({})
    const tokens = await platform.issueTokens()
    const config = cliPair({ token: tokens.accessToken, refresh_token: tokens.refreshToken })
    await writeOldFile(home, old, config)
    await run()
    await client.refresh()
    // The session ends: only the old file is left, with the first pair.
    platform.revokeTokens()
    await client.refresh().catch(() => {})
    expect(await client.getSession()).toMatchObject({ status: 'expired' })
    expect(await run()).toMatchObject({ taken: [], passedOver: [{ reason: 'taken_before' }] })
    expect(await client.getSession()).toMatchObject({ status: 'expired' })
  })

  it('does not take a pair whose refresh token the server has refused', async () => {
    const config = cliPair({ token_expires_at: epoch - 1 })
    const { run, client } = await importer({ [old]: config })
    await run()
    await client.getAccessToken().catch(() => {})
    expect(await client.getSession()).toMatchObject({ status: 'expired' })
    expect(await run({ again: true })).toMatchObject({ taken: [], unusable: [{ code: 'refused' }] })
  })

  it('does not bring back a key that was replaced and forgotten', async () => {
    const { run, client, account } = await importer({ [old]: cliConfig({ vendorKey: apiKey() }) })
    await run()
    await client.setApiKey(apiKey())
    expect((await run()).passedOver).toMatchObject([{ kind: 'api-key', reason: 'taken_before' }])
    await client.logout()
    expect(await run()).toMatchObject({ taken: [], passedOver: [{ reason: 'taken_before' }] })
    expect((await account())?.apiKey).toBeUndefined()
  })

  it.each(['forget', 'keep'] as const)(
    'does not undo a sign-out that came after it, unless asked to (API key: %s)',
    async (choice) => {
      const { run, client } = await importer({ [old]: cliPair({ vendorKey: apiKey() }) })
      await run()
      await client.logout({ apiKey: choice })
      expect((await run()).taken).toEqual([])
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
      expect((await run({ again: true })).taken).toMatchObject(
        [{ kind: 'tokens' }, {}].slice(0, choice === 'keep' ? 1 : 2),
      )
      expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
    },
  )

  it('does not undo a sign-out with what it has never seen, unless asked to', async () => {
    const { platform, client, store } = await signedIn()
    const files = { [old]: cliPair(), '.onasis/config.json': { access_token: jwt() } }
    const { home, run } = await importer(files, { store })
    await client.logout()
    const { taken, passedOver } = await run()
    expect(taken).toEqual([])
    expect(passedOver.map(({ reason }) => reason)).toEqual(['signed_out', 'signed_out'])
    expect((await run({ again: true, home })).taken).toMatchObject([{ kind: 'tokens' }])
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })

  it('takes what the old program has obtained since', async () => {
    const { run, home, client } = await importer({ [old]: cliPair({ refresh_token: undefined }) })
    await run()
    const replaced = cliPair()
    await writeOldFile(home, old, replaced)
    expect(await run()).toMatchObject({ taken: [], passedOver: [{ reason: 'outranked' }] })
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('remembers it in the config file, over a sign-out, and not as anything that is a credential', async () => {
    const path = await configPath()
    const vendorKey = apiKey()
    const store = fileStore({ path })
    const { run, client } = await importer({ [old]: cliConfig({ vendorKey }) }, { store })
    await run()
    await client.logout()
    const { auth } = await readJson(path)
    expect(auth).toMatchObject({
      session: { status: 'signed-out', since: new Date(epoch).toISOString() },
    })
    expect(auth.imported).toHaveLength(1)
    const text = await readFile(path, 'utf8')
    // ★9 The gateway takes the SHA-256 of a key for the key.
    const hash = Buffer.from(hashOf(vendorKey), 'hex')
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      expect(text).not.toContain(hash.toString(form).replace(/=+$/, ''))
    }
    expect(text).not.toContain(vendorKey)
    expect(await run()).toMatchObject({ taken: [], passedOver: [{ reason: 'taken_before' }] })
  })
})

describe('a dry run', () => {
  it('reports the same, and changes nothing', async () => {
    const files = { [old]: cliPair({ vendorKey: apiKey() }), '.onasis/config.json': '{' }
    const { run, account, home } = await importer(files)
    const dry = await run({ dryRun: true, oldFiles: 'remove' })
    expect(await account()).toBeUndefined()
    expect(JSON.parse(await readFile(join(home, old), 'utf8'))).toEqual(files[old])
    expect(await run({ oldFiles: 'remove' })).toEqual({ ...dry, dryRun: false })
  })
})

describe('several places', () => {
  const pair = (fields: Record<string, unknown> = {}) => ({
    access_token: opaqueToken(),
    refresh_token: refreshToken(),
    expires_at: epoch + lifeMs,
    ...fields,
  })

  it('★14 are ranked: what is surely of this client comes first', async () => {
    const files = {
      '.lanonasis/credentials.json': pair({ expires_at: epoch + 2 * lifeMs }),
      [old]: cliPair(),
    }
    const { run, home } = await importer(files)
    expect(await run()).toMatchObject({
      taken: [{ location: join(home, old) }],
      passedOver: [{ location: join(home, '.lanonasis/credentials.json'), reason: 'outranked' }],
    })
  })

  it('are ranked: what can be renewed comes before what lasts longer', async () => {
    const files = {
      [old]: cliPair({ refresh_token: undefined, token_expires_at: epoch + day }),
      '.onasis/config.json': pair(),
    }
    const { run } = await importer(files)
    expect((await run()).taken).toMatchObject([{ renewable: true }])
  })

  it('are ranked: a pair of last year comes after everything that may be alive', async () => {
    const files = {
      [old]: cliPair({ token_expires_at: epoch - 300 * day }),
      '.onasis/config.json': pair({ expires_at: epoch - 2 * day }),
    }
    const { run, home } = await importer(files)
    expect((await run()).taken).toMatchObject([{ location: join(home, '.onasis/config.json') }])
    const alone = await importer({ [old]: files[old] })
    expect((await alone.run()).taken).toMatchObject([{ renewable: true }])
  })

  it('are told of once when they have the same', async () => {
    const vendorKey = apiKey()
    const tokens = pair()
    const files = {
      [old]: cliConfig({ vendorKey }),
      '.lanonasis/api-key.enc': encryptedFile({ apiKey: vendorKey }, { salt: oldSalts.key }),
      '.lanonasis/credentials.json': tokens,
      '.onasis/config.json': tokens,
    }
    const { run } = await importer(files)
    const { taken, passedOver } = await run()
    expect(taken.map(({ kind }) => kind)).toEqual(['tokens', 'api-key'])
    expect(passedOver.map(({ reason }) => reason)).toEqual(['same', 'same'])
  })

  it('★14 give no refresh token of a client that they name and that is another', async () => {
    const files = { '.lanonasis/credentials.json': pair({ client_id: 'lanonasis-repl-cli' }) }
    const { run } = await importer(files)
    expect((await run()).unusable).toMatchObject([
      { code: 'other_client', message: expect.stringContaining('lanonasis-repl-cli') },
    ])
  })

  it('give no refresh token of a session that somebody else has, but its JWT for the time it lasts', async () => {
    const access_token = jwt()
    const content = pair({ access_token, client_id: 'lanonasis-repl-cli' })
    const { run, account } = await importer({ '.lanonasis/credentials.json': content })
    expect((await run()).taken).toMatchObject([{ kind: 'legacy-token' }])
    expect(JSON.stringify(await account())).not.toContain(content.refresh_token)
  })
})

describe('an imported session', () => {
  it('★15 is renewed at its first use when its access token has ended, by one request', async () => {
    const { platform, run, client, home } = await importer({})
    const tokens = await platform.issueTokens()
    await writeOldFile(
      home,
      old,
      cliPair({
        token: tokens.accessToken,
        refresh_token: tokens.refreshToken,
        token_expires_at: epoch - 1,
      }),
    )
    await run()
    expect(platform.requests).toEqual([])
    await Promise.all([client.memory.list(), client.memory.list(), client.memory.list()])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('★16 of the JWT family is renewed at its own route', async () => {
    const { platform, run, client, home } = await importer({})
    const { accessToken, refreshToken } = await platform.issueTokens({ family: 'jwt' })
    await writeOldFile(
      home,
      old,
      cliPair({ token: accessToken, refresh_token: refreshToken, token_expires_at: 1 }),
    )
    await run()
    await client.getAccessToken()
    expect(platform.requestsTo('POST /v1/auth/refresh')).toHaveLength(1)
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })

  it('can be revoked and replaced like any other', async () => {
    const { platform, run, client, home } = await importer({}, {})
    const tokens = await platform.issueTokens()
    await writeOldFile(
      home,
      old,
      cliPair({ token: tokens.accessToken, refresh_token: tokens.refreshToken }),
    )
    await run()
    expect(await client.logout()).toEqual({ revoked: true })
    const again = await importer({}, { login: personFlow(platform), fetch: platform.fetch })
    await again.client.login()
    expect(await again.client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('★1 of another gateway does not go there either', async () => {
    const services = { mcp_http: 'https://mcp.example.net/api/v1' }
    const authGateway = 'https://auth.lanonasis.com:3005'
    const config = cliConfig({
      vendorKey: apiKey(),
      discoveredServices: { auth_base: authGateway },
    })
    const { run, client, platform } = await importer(
      { [old]: config },
      { services, endpoints: { authGateway } },
    )
    expect((await run()).taken).toMatchObject([{ kind: 'api-key' }])
    await expect(client.memory.list()).rejects.toMatchObject({ code: 'origin_not_allowed' })
    expect(platform.requests).toEqual([])
  })

  it('★1 does not go to an address from a config file that nobody has named', async () => {
    const services = { mcp_http: 'https://mcp.example.net/api/v1' }
    const { run, client, platform } = await importer(
      { [old]: cliPair({ vendorKey: apiKey() }) },
      { services, endpoints: undefined },
    )
    expect((await run()).taken).toHaveLength(2)
    await expect(client.memory.list()).rejects.toMatchObject({ code: 'origin_not_allowed' })
    expect(platform.requests).toEqual([])
  })
})

describe('a sign-out in the config file, which the client does not use any more,', () => {
  /** As a program has it that kept its account in the file and has moved to the keychain since. */
  const signedOutAt = (time: number, fields: Record<string, unknown> = {}) => ({
    auth: {
      client_id: clientId,
      session: { status: 'signed-out', since: new Date(time).toISOString(), issuer },
      ...fields,
    },
  })

  it('is not undone by an import of what is older, or of nobody knows what age', async () => {
    const { run, account } = await importer({
      '.maas.config': signedOutAt(epoch - day),
      '.lanonasis/mcp-tokens.enc': encryptedFile(
        { ...pair(), issued_at: epoch - 2 * day },
        { salt: oldSalts.tokens },
      ),
      [old]: { vendorKey: apiKey() },
    })
    const report = await run()
    expect(report.taken).toEqual([])
    expect(report.passedOver.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['tokens', 'signed_out'],
      ['api-key', 'signed_out'],
    ])
    expect(await account()).toBeUndefined()
    expect((await run({ again: true })).taken).toHaveLength(2)
  })

  it('does not stand in the way of a session that was begun after it, or of what was kept', async () => {
    const { run } = await importer({
      '.maas.config': signedOutAt(epoch - 2 * day, { api_key: apiKey() }),
      '.lanonasis/mcp-tokens.enc': encryptedFile(
        { ...pair(), issued_at: epoch - day },
        { salt: oldSalts.tokens },
      ),
    })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens' }, { kind: 'api-key' }])
  })

  it('of another account says nothing of this one', async () => {
    const other = { issuer: 'https://auth.lanonasis.com:3005' }
    const files = { '.maas.config': signedOutAt(epoch, { session: other }), [old]: cliPair() }
    expect((await (await importer(files)).run()).taken).toMatchObject([{ kind: 'tokens' }])
  })

  it('leaves what was imported there before', async () => {
    const config = cliPair()
    const first = await importer({ [old]: config })
    await first.run()
    const { imported } = (await first.account()) ?? {}
    const moved = { auth: { client_id: clientId, api_key: apiKey(), imported } }
    const { run } = await importer({ '.maas.config': moved, [old]: config })
    expect(await run()).toMatchObject({
      taken: [{ kind: 'api-key' }],
      passedOver: [{ kind: 'tokens', reason: 'taken_before' }],
    })
  })
})
