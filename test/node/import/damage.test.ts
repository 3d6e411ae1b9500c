import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { cliConfig } from '../../import/fixtures/contents.ts'
import { apiKey, opaqueToken, refreshToken } from '../../import/fixtures/credentials.ts'
import { importer } from '../../import/fixtures/home.ts'
import { failure } from '../../support/async.ts'
import { configPath } from '../../support/directories.ts'
import { observedStore } from '../../support/stores.ts'
import { anyText } from '../../support/texts.ts'
import { run as runProgram } from '../../tools/process.mjs'

const old = '.maas/config.json'
const good = () => ({ '.lanonasis/credentials.json': pair() })
const pair = () => ({ access_token: opaqueToken(), refresh_token: refreshToken(), expires_at: 0 })

describe('an old file that is damaged', () => {
  it.each([
    ['half a file', '{"token": "abc'],
    ['an empty file', ''],
    ['no object', '["token"]'],
    ['a text', '"token"'],
    ['no JSON', 'token=abc'],
    ['zeros, as after a power failure', '\0'.repeat(512)],
  ])('is reported, and the others are imported: %s', async (_, content) => {
    const { run, home } = await importer({ [old]: content, ...good() })
    expect(await run()).toMatchObject({
      taken: [{ kind: 'tokens' }],
      unusable: [{ location: join(home, old), code: 'damaged' }],
    })
  })

  it.each([
    ['token', { token: 17 }],
    ['refresh_token', { token: opaqueToken(), refresh_token: ['x'] }],
    ['vendorKey', { vendorKey: { key: 'x' } }],
    ['token', { token: true, vendorKey: apiKey() }],
  ])('is told of with the field that is of another type: %s', async (field, fields) => {
    const { run } = await importer({ [old]: cliConfig(fields) })
    expect((await run()).unusable).toContainEqual(
      expect.objectContaining({ code: 'damaged', message: expect.stringContaining(field) }),
    )
  })

  it.each([
    [{ auth: 5 }],
    [{ auth: { api_key: 5 } }],
    [{ auth: { tokens: { access_token: {} } } }],
    [{ auth: { legacyToken: [] } }],
  ])('is told of in the form of the roadmap: %j', async (config) => {
    const { run } = await importer({ '.maas.config': config })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'damaged' }] })
  })

  it.each([
    ['controls', 'abc\ndef-ghi-jkl'],
    ['another header', 'abcdefgh\r\nX-Evil: 1'],
    ['spaces', 'not a token'],
    ['too little', 'abc'],
    ['too much', 'x'.repeat(100_000)],
  ])('gives no token that is none: %s', async (_, token) => {
    const { run, account } = await importer({ [old]: cliConfig({ token }) })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'damaged' }] })
    expect(await account()).toBeUndefined()
  })

  it('gives nothing of a refresh token without an access token', async () => {
    const { run } = await importer({ [old]: cliConfig({ refresh_token: refreshToken() }) })
    expect(await run()).toMatchObject({
      taken: [],
      unusable: [{ kind: 'tokens', code: 'damaged' }],
    })
  })

  it.each([
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    ['Windows line ends', (text: string) => `${text.replace(/,/g, ',\r\n')}\r\n`],
    ['white space around it', (text: string) => `\n\n  ${text}\n`],
  ])('is not damaged by %s', async (_, written) => {
    const content = written(JSON.stringify(cliConfig({ vendorKey: apiKey() })))
    const { run } = await importer({ [old]: content })
    expect(await run()).toMatchObject({ taken: [{ kind: 'api-key' }], unusable: [] })
  })

  it('is nothing to tell of when there is no credential in it', async () => {
    const { run, home } = await importer({ [old]: cliConfig(), '.onasis/config.json': {} })
    expect(await run()).toMatchObject({
      found: [
        { location: join(home, old), format: 'cli-config' },
        { location: join(home, '.onasis/config.json'), format: 'unknown' },
      ],
      taken: [],
      unusable: [],
    })
  })

  it('never makes an import fail, whatever is in it', async () => {
    const { home, run } = await importer({ [old]: '' })
    const names = fc.constantFrom(
      'token',
      'refresh_token',
      'vendorKey',
      'access_token',
      'apiKey',
      'auth',
      'expires_at',
      'token_expires_at',
      'discoveredServices',
      '__proto__',
    )
    const content = fc.oneof(
      anyText,
      fc.dictionary(names, fc.jsonValue()).map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(content, async (text) => {
        await writeFile(join(home, old), text)
        await run({ dryRun: true })
      }),
      { numRuns: 150 },
    )
  })
})

// Windows has no pipes that are files, and nothing that its owner may not read.
describe.skipIf(process.platform === 'win32')('an old place that is no file', () => {
  it.each(['directory', 'pipe', 'dangling link', 'loop'] as const)(
    'is reported, and the others are imported: %s',
    async (what) => {
      const { home, run } = await importer({ [old]: '', ...good() })
      const path = join(home, old)
      await rm(path)
      if (what === 'directory') await mkdir(path)
      if (what === 'pipe') await runProgram('mkfifo', [path])
      if (what === 'dangling link') await symlink('nowhere', path)
      if (what === 'loop') await symlink('config.json', path)
      const { taken, unusable } = await run()
      expect(taken).toMatchObject([{ kind: 'tokens' }])
      const codes = {
        directory: ['not_a_file'],
        pipe: ['not_a_file'],
        'dangling link': [],
        loop: ['unreadable'],
      }
      expect(unusable.map(({ code }) => code)).toEqual(codes[what])
    },
  )

  it('is reported when it is too large to be one of these programs', async () => {
    const { run } = await importer({ [old]: JSON.stringify({ token: 'x'.repeat(1024 * 1024) }) })
    expect(await run()).toMatchObject({ unusable: [{ code: 'too_large' }] })
  })

  it('is reported when it may not be read', async () => {
    const { home, run } = await importer({ [old]: cliConfig(), ...good() })
    await chmod(join(home, old), 0)
    await chmod(home, 0o755)
    const { taken, unusable } = await asSomebody(() => run())
    expect(taken).toMatchObject([{ kind: 'tokens' }])
    expect(unusable).toMatchObject([
      { code: 'unreadable', message: expect.stringContaining('EACCES') },
    ])
  })

  it('is nothing when a part of its path is a file', async () => {
    const { run } = await importer({ '.maas': 'a file', ...good() })
    expect(await run()).toMatchObject({ taken: [{ kind: 'tokens' }], unusable: [] })
  })

  it('is followed when it is a link', async () => {
    const { home, run } = await importer({
      'dotfiles/maas.json': cliConfig({ vendorKey: apiKey() }),
    })
    await mkdir(join(home, '.maas'))
    await symlink('../dotfiles/maas.json', join(home, old))
    expect((await run()).taken).toMatchObject([{ kind: 'api-key', location: join(home, old) }])
  })
})

describe('the store of the client', () => {
  it('makes the import fail when it cannot be read, or written', async () => {
    const { store, fail } = observedStore(memoryStore())
    const { run, account } = await importer(good(), { store })
    fail.reads = true
    expect(await failure(run())).toMatchObject({ code: 'store_unavailable' })
    fail.reads = false
    fail.commits = true
    expect(await failure(run())).toMatchObject({ code: 'store_unavailable' })
    fail.commits = false
    expect(await account()).toBeUndefined()
    expect((await run()).taken).toHaveLength(1)
  })

  it('is no old place, whatever name leads to it', async () => {
    const path = await configPath({ auth: { api_key: apiKey() } })
    const { home, run } = await importer({}, { store: fileStore({ path }) })
    await symlink(path, join(home, '.maas.config'))
    expect(await run()).toMatchObject({ found: [], taken: [], unusable: [] })
  })

  it('leaves the import to another when its signal has fired', async () => {
    const { run, account } = await importer(good())
    expect(await failure(run({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' })
    expect(await account()).toBeUndefined()
  })
})

/** Root may read everything: for `work` this process is nobody. */
async function asSomebody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.('nobody')
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
