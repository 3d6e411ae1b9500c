import { describe, expect, it, onTestFinished } from 'vitest'
import { importCredentials } from '../../../src/browser/import/import-credentials.ts'
import type { LanonasisClientOptions } from '../../../src/client/options.ts'
import { fileStore } from '../../../src/node.ts'
import { encryptedForWeb, oldSalts } from '../../import/fixtures/contents.ts'
import { apiKey, hashOf, opaqueToken, refreshToken } from '../../import/fixtures/credentials.ts'
import { configPath } from '../../support/directories.ts'
import { clientFor, epoch, platformAt } from '../../support/setup.ts'

function page(entries: Record<string, string>, options: Partial<LanonasisClientOptions> = {}) {
  const items = new Map(Object.entries(entries))
  const storage = {
    getItem: (name: string) => items.get(name) ?? null,
    removeItem: (name: string) => {
      items.delete(name)
    },
  }
  const client = clientFor(platformAt(), { clientId: 'dashboard-web', ...options })
  onTestFinished(() => client.close())
  return {
    items,
    client,
    run: (more: { oldEntries?: 'keep' | 'remove'; dryRun?: boolean } = {}) =>
      importCredentials(client, { storage, ...more }),
  }
}

const pair = () => ({
  access_token: opaqueToken(),
  refresh_token: refreshToken(),
  expires_in: 900,
  issued_at: epoch,
})
const passphrase = 'a'.repeat(64)

describe('the localStorage of a page', () => {
  const forms: [string, (content: unknown) => string][] = [
    ['encrypted', (content) => encryptedForWeb(content, { salt: oldSalts.webTokens, passphrase })],
    ['in base64', (content) => Buffer.from(JSON.stringify(content)).toString('base64')],
    ['plain', (content) => JSON.stringify(content)],
  ]

  it.each(forms)('gives its tokens: %s', async (_, write) => {
    const { run, client } = page({
      lanonasis_mcp_tokens: write(pair()),
      lanonasis_web_token_enc_key: passphrase,
    })
    expect(await run()).toMatchObject({
      found: [{ place: 'local-storage', location: 'lanonasis_mcp_tokens', format: 'tokens' }],
      taken: [{ kind: 'tokens', renewable: true, expiresAt: epoch + 900_000 }],
    })
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('gives its API key, and the one of the first versions', async () => {
    const content = encryptedForWeb({ apiKey: apiKey() }, { salt: oldSalts.webKey, passphrase })
    const newer = page({ lanonasis_api_key: content, lanonasis_web_enc_key: passphrase })
    expect((await newer.run()).taken).toMatchObject([{ kind: 'api-key' }])
    const older = page({ lanonasis_legacy_api_key: apiKey() })
    expect((await older.run()).taken).toMatchObject([{ kind: 'api-key' }])
  })

  it('★9 mostly has the SHA-256 of a key, which is left', async () => {
    const data = { apiKey: hashOf(apiKey()) }
    const content = encryptedForWeb(data, { salt: oldSalts.webKey, passphrase })
    const { run } = page({ lanonasis_api_key: content, lanonasis_web_enc_key: passphrase })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'key_hash' }] })
  })

  it.each(['lanonasis_mcp_tokens', 'lanonasis_api_key'])(
    'says that %s cannot be decrypted',
    async (name) => {
      const content = encryptedForWeb(pair(), { salt: 'another', passphrase })
      for (const entries of [
        { [name]: content },
        {
          [name]: content,
          lanonasis_web_enc_key: passphrase,
          lanonasis_web_token_enc_key: passphrase,
        },
        { [name]: 'AAAA' },
      ]) {
        const report = await page(entries).run()
        expect(report).toMatchObject({
          taken: [],
          unusable: [{ location: name, code: 'not_decryptable' }],
        })
      }
    },
  )

  it('is told of when the page may not read it', async () => {
    const { client } = page({})
    const storage = {
      getItem: () => {
        throw new DOMException('denied', 'SecurityError')
      },
      removeItem: () => {},
    }
    expect((await importCredentials(client, { storage })).unusable).toMatchObject([
      { location: 'localStorage', code: 'unreadable' },
    ])
  })

  it('keeps its entries, or loses them with their passphrases when asked for', async () => {
    const content = encryptedForWeb(pair(), { salt: oldSalts.webTokens, passphrase })
    const entries = {
      lanonasis_mcp_tokens: content,
      lanonasis_web_token_enc_key: passphrase,
      other: '1',
    }
    const store = () => configPath().then((path) => fileStore({ path }))
    const kept = page(entries, { store: await store() })
    await kept.run()
    await kept.run({ oldEntries: 'remove', dryRun: true })
    expect(kept.items.size).toBe(3)
    const removed = page(entries, { store: await store() })
    expect((await removed.run({ oldEntries: 'remove' })).found).toMatchObject([
      { became: 'removed' },
    ])
    expect([...removed.items.keys()]).toEqual(['other'])
    const forgetful = page(entries)
    await forgetful.run({ oldEntries: 'remove' })
    expect(forgetful.items.size).toBe(3)
  })
  it.each(['refused', 'changed'])(
    'does not fail when an entry cannot be removed, and says so: %s',
    async (how) => {
      const store = fileStore({ path: await configPath() })
      const { client, items } = page({ lanonasis_api_key: apiKey() }, { store })
      let reads = 0
      const storage = {
        getItem: (name: string) => {
          reads += items.has(name) ? 1 : 0
          return how === 'changed' && reads > 1 ? 'another' : (items.get(name) ?? null)
        },
        removeItem: () => {
          throw new DOMException('denied', 'SecurityError')
        },
      }
      expect(await importCredentials(client, { storage, oldEntries: 'remove' })).toMatchObject({
        taken: [{ kind: 'api-key' }],
        found: [{ became: 'kept' }],
        hints: [{ code: 'not_changed', location: 'lanonasis_api_key' }],
      })
    },
  )
})
