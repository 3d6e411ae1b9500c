import { describe, expect, it } from 'vitest'
import type { KeychainReader } from '../../../src/node.ts'
import { cliConfig } from '../../import/fixtures/contents.ts'
import { apiKey, opaqueToken, refreshToken } from '../../import/fixtures/credentials.ts'
import { importer } from '../../import/fixtures/home.ts'
import { failure, withQuickTimers } from '../../support/async.ts'
import { epoch } from '../../support/setup.ts'

/** A keychain with these entries of the old service. */
const holding =
  (entries: Record<string, unknown>): KeychainReader =>
  async (service, account) => {
    const value = service === 'lanonasis-mcp' ? entries[account] : undefined
    return typeof value === 'string' || value === undefined ? value : JSON.stringify(value)
  }

const unavailable = expect.objectContaining({ code: 'keychain_unavailable' })

describe('the keychain', () => {
  it('gives the tokens and the API key of the old service', async () => {
    const tokens = {
      access_token: opaqueToken(),
      refresh_token: refreshToken(),
      expires_in: 900,
      issued_at: epoch,
    }
    const key = apiKey()
    const { run, account } = await importer({})
    const keychain = holding({ tokens, lanonasis_api_key: { apiKey: key } })
    expect(await run({ keychain })).toMatchObject({
      found: [
        { place: 'keychain', location: 'lanonasis-mcp/tokens', format: 'tokens' },
        { place: 'keychain', location: 'lanonasis-mcp/lanonasis_api_key', format: 'api-key' },
      ],
      taken: [{ kind: 'tokens', renewable: true, expiresAt: epoch + 900_000 }, { kind: 'api-key' }],
      hints: [],
    })
    expect(await account()).toMatchObject({ apiKey: { value: key } })
  })

  it('has what the vendorKey of the CLI points to', async () => {
    const config = cliConfig({ vendorKey: 'stored_in_api_key_storage' })
    const { run } = await importer({ '.maas/config.json': config })
    const keychain = holding({ lanonasis_api_key: apiKey() })
    expect(await run({ keychain })).toMatchObject({ taken: [{ kind: 'api-key' }], unusable: [] })
  })

  it.each([
    ['half', '{"access_token":'],
    ['no JSON', 'abc'],
  ])('is told of when an entry is damaged: %s', async (_, tokens) => {
    const { run } = await importer({})
    expect(await run({ keychain: holding({ tokens }) })).toMatchObject({
      unusable: [{ location: 'lanonasis-mcp/tokens', code: 'damaged' }],
    })
  })

  it('is told of when it cannot be read, without what it said, and nothing else is lost', async () => {
    const secret = opaqueToken()
    const keychain = () => Promise.reject(new Error(`no entry ${secret}`))
    const { run } = await importer({ '.maas/config.json': cliConfig({ vendorKey: apiKey() }) })
    const report = await run({ keychain })
    expect(report.hints).toContainEqual(unavailable)
    expect(report.taken).toMatchObject([{ kind: 'api-key' }])
    expect(JSON.stringify(report)).not.toContain(secret)
  })

  it('is not waited for longer than ten seconds', async () => {
    const { run } = await importer({ '.maas/config.json': cliConfig({ vendorKey: apiKey() }) })
    const keychain = () => new Promise<undefined>(() => {})
    const report = await withQuickTimers(() => run({ keychain }))
    expect(report.taken).toMatchObject([{ kind: 'api-key' }])
    expect(report.hints).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('in time') }),
    )
  })

  it('is left when the caller gives up', async () => {
    const { run } = await importer({})
    const controller = new AbortController()
    const keychain = () => {
      controller.abort()
      return new Promise<undefined>(() => {})
    }
    expect(await failure(run({ keychain, signal: controller.signal }))).toMatchObject({
      code: 'aborted',
    })
  })
})
