import { chmod, chown, link, lstat, mkdir, readdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isCopy } from '../../../src/node/import/old-places.ts'
import { fileStore } from '../../../src/node.ts'
import type { TokenStore } from '../../../src/store/store.ts'
import { cliConfig } from '../../import/fixtures/contents.ts'
import {
  apiKey,
  hashOf,
  jwt,
  opaqueToken,
  refreshToken,
} from '../../import/fixtures/credentials.ts'
import { importer, type OldFiles, writeOldFile } from '../../import/fixtures/home.ts'
import { configPath, modeOf, readJson } from '../../support/directories.ts'
import { epoch } from '../../support/setup.ts'

const old = '.maas/config.json'
const minute = 60_000

/** With a store that lasts, without which no old file is removed. */
async function lasting(files: OldFiles, options: Parameters<typeof importer>[1] = {}) {
  return importer(files, { store: fileStore({ path: await configPath() }), ...options })
}

const isThere = async (path: string) => (await lstat(path).catch(() => undefined)) !== undefined

describe.skipIf(process.platform === 'win32')('old files', () => {
  it('★30 stay as they are, and are told of when others can read them', async () => {
    const { run, home } = await lasting({ [old]: cliConfig({ vendorKey: apiKey() }) })
    const { found, hints } = await run()
    expect(found).toMatchObject([{ mode: '0644', became: 'kept' }])
    expect(hints).toMatchObject([
      {
        code: 'readable_by_others',
        location: join(home, old),
        message: expect.stringContaining('0644'),
      },
    ])
    expect(await modeOf(join(home, old))).toBe('0644')
  })

  it.each([0o600, 0o400])(
    '★30 are not told of when nobody else can read them (%o)',
    async (mode) => {
      const { run } = await lasting({ [old]: cliConfig({ vendorKey: apiKey() }) }, { mode })
      expect((await run()).hints).toEqual([])
    },
  )

  it.each([0o640, 0o604, 0o666, 0o755])(
    '★30 are tightened to 0600 when asked for (%o)',
    async (mode) => {
      const files = { [old]: cliConfig({ vendorKey: apiKey() }), '.onasis/config.json': '{' }
      const { run, home } = await lasting(files, { mode })
      const { found, hints } = await run({ oldFiles: 'tighten' })
      expect(found.map(({ became }) => became)).toEqual(['tightened', 'tightened'])
      expect(hints).toEqual([])
      expect(await modeOf(join(home, old))).toBe('0600')
      expect(await modeOf(join(home, '.onasis/config.json'))).toBe('0600')
    },
  )

  it('★30 have their directories left alone, and a home most of all', async () => {
    const files = { [old]: cliConfig({ vendorKey: apiKey() }), '.maas.config': { token: jwt() } }
    const { run, home } = await lasting(files)
    await chmod(home, 0o755)
    await chmod(join(home, '.maas'), 0o755)
    await mkdir(join(home, '.lanonasis/credentials.json'), { recursive: true, mode: 0o755 })
    await run({ oldFiles: 'tighten' })
    expect(await modeOf(home)).toBe('0755')
    expect(await modeOf(join(home, '.maas'))).toBe('0755')
    expect(await modeOf(join(home, '.lanonasis/credentials.json'))).toBe('0755')
  })

  it('★30 have their backups told of, and tightened when asked for', async () => {
    const { run, home } = await lasting({
      [old]: cliConfig({ vendorKey: apiKey() }),
      '.maas/config.json.bak': '{}',
      '.maas/config.backup.2026-01-01T00-00-00.json': '{}',
      '.maas/config.lock': '1',
      '.maas.config.backup': '{}',
      '.lanonasis/api-key.enc~': '',
      '.lanonasis/repl-config.json': '{}',
    })
    const backups = [
      '.lanonasis/api-key.enc~',
      '.maas.config.backup',
      '.maas/config.backup.2026-01-01T00-00-00.json',
      '.maas/config.json.bak',
    ]
    const told = (await run()).hints.filter(({ code }) => code === 'backup')
    expect(told.map(({ location }) => location).sort()).toEqual(
      backups.map((name) => join(home, name)),
    )
    expect(await modeOf(join(home, '.maas/config.json.bak'))).toBe('0644')
    await run({ oldFiles: 'tighten' })
    for (const name of backups) expect(await modeOf(join(home, name))).toBe('0600')
    expect(await modeOf(join(home, '.maas/config.lock'))).toBe('0644')
  })

  it('★30 are tightened where a link leads to, and the link stays', async () => {
    const { run, home } = await lasting({
      'dotfiles/maas.json': cliConfig({ vendorKey: apiKey() }),
    })
    await mkdir(join(home, '.maas'))
    await symlink('../dotfiles/maas.json', join(home, old))
    await run({ oldFiles: 'tighten' })
    expect(await modeOf(join(home, 'dotfiles/maas.json'))).toBe('0600')
    expect((await lstat(join(home, old))).isSymbolicLink()).toBe(true)
  })

  it('★30 have what a link with the name of a backup leads to left alone', async () => {
    const { run, home } = await lasting({ 'shared/settings.json': '{}' })
    await mkdir(join(home, '.maas'))
    await symlink('../shared/settings.json', join(home, `${old}.bak`))
    const { hints } = await run({ oldFiles: 'tighten' })
    expect(hints).toMatchObject([{ code: 'backup', location: join(home, `${old}.bak`) }])
    expect(await modeOf(join(home, 'shared/settings.json'))).toBe('0644')
  })

  it.runIf(process.getuid?.() === 0)(
    '★30 of another user are left alone, by root too',
    async () => {
      const { run, home } = await lasting({
        [old]: cliConfig({ vendorKey: apiKey() }),
        [`${old}.bak`]: '{}',
      })
      const paths = [join(home, old), join(home, `${old}.bak`)]
      for (const path of paths) await chown(path, 12345, 12345)
      const { found, hints } = await run({ oldFiles: 'tighten' })
      expect(found).toMatchObject([{ became: 'kept' }])
      const unchanged = hints.filter(({ code }) => code === 'not_changed')
      expect(unchanged.map(({ location }) => location)).toEqual(paths)
      for (const path of paths) expect(await modeOf(path)).toBe('0644')
    },
  )
})

describe('removing old files', () => {
  it('★30 removes those of which everything usable is stored', async () => {
    const { run, home } = await lasting({ [old]: cliConfig({ vendorKey: apiKey() }) })
    const { found } = await run({ oldFiles: 'remove' })
    expect(found).toMatchObject([{ became: 'removed' }])
    expect(await isThere(join(home, old))).toBe(false)
    expect(await readdir(join(home, '.maas'))).toEqual([])
  })

  const shared = {
    auth: { api_key: apiKey(), client_id: 'lanonasis-cli' },
    accounts: { 'https://auth.lanonasis.com lanonasis-repl-cli work': { api_key: apiKey() } },
    editor: { theme: 'dark' },
  }

  it.each([
    ['.maas.config', shared],
    ['.maas.config', cliConfig({ vendorKey: apiKey() })],
    ['.maas/config.json', shared],
  ])('never removes a file that other programs share, and says why (%s)', async (name, content) => {
    const { run, home } = await lasting({ [name]: content })
    const { taken, found, hints } = await run({ oldFiles: 'remove' })
    expect(taken).toMatchObject([{ kind: 'api-key' }])
    expect(found).toMatchObject([{ became: 'kept' }])
    expect(hints).toContainEqual(
      expect.objectContaining({
        code: 'not_changed',
        location: join(home, name),
        message: expect.stringContaining('Other programs'),
      }),
    )
    expect(await readJson(join(home, name))).toEqual(content)
  })

  it('never removes the shared file that the name of an old one leads to', async () => {
    const { run, home } = await lasting({ '.maas.config': cliConfig({ vendorKey: apiKey() }) })
    await mkdir(join(home, '.maas'))
    await symlink('../.maas.config', join(home, old))
    await run({ oldFiles: 'remove' })
    expect(await isThere(join(home, '.maas.config'))).toBe(true)
    expect(await isThere(join(home, old))).toBe(true)
  })

  it('removes those with fields that it does not know, and that are no credentials', async () => {
    const more = { theme: 'dark', proxy: 'http://proxy.example.com:8080', retries: 3, seen: ['a'] }
    const { run, home } = await lasting({ [old]: cliConfig({ vendorKey: apiKey(), ...more }) })
    await run({ oldFiles: 'remove' })
    expect(await isThere(join(home, old))).toBe(false)
  })

  it.each([
    ['by its name', { otherService: { password: 'tr0ub4dor' } }],
    ['by its form', { integrations: [{ value: opaqueToken() }] }],
    ['in an address', { proxy: 'http://ada:lovelace-lovelace-1815@proxy.example.com' }],
    ['of another format', { access: jwt(), apiKey: apiKey() }],
  ])('keeps a file with what may be a credential %s', async (_, more) => {
    const { run, home } = await lasting({ [old]: cliConfig({ vendorKey: apiKey(), ...more }) })
    const { taken, found } = await run({ oldFiles: 'remove' })
    expect(taken).toHaveLength(1)
    expect(found).toMatchObject([{ became: 'kept' }])
    expect(await isThere(join(home, old))).toBe(true)
  })

  it('removes those that an earlier import has taken', async () => {
    const { run, home, client } = await lasting({ [old]: cliConfig({ vendorKey: apiKey() }) })
    await run()
    await client.setApiKey(apiKey())
    await run({ oldFiles: 'remove' })
    expect(await isThere(join(home, old))).toBe(false)
  })

  it('removes those with a session that has ended beside what was taken', async () => {
    const config = cliConfig({ token: opaqueToken(), vendorKey: apiKey() })
    const { run, home } = await lasting({ [old]: config }, { ageMs: 60 * minute })
    await run({ oldFiles: 'remove' })
    expect(await isThere(join(home, old))).toBe(false)
  })

  it('removes a link and what it leads to', async () => {
    const { run, home } = await lasting({
      'dotfiles/maas.json': cliConfig({ vendorKey: apiKey() }),
    })
    await mkdir(join(home, '.maas'))
    await symlink('../dotfiles/maas.json', join(home, old))
    await run({ oldFiles: 'remove' })
    expect(await isThere(join(home, old))).toBe(false)
    expect(await isThere(join(home, 'dotfiles/maas.json'))).toBe(false)
  })

  const pair = { token: opaqueToken(), refresh_token: refreshToken(), token_expires_at: epoch + 1 }

  it.each([
    ['is damaged', '{'],
    ['has nothing to take', cliConfig()],
    ['has a hash, which is as good as a key elsewhere', cliConfig({ vendorKey: hashOf('a key') })],
    ['has a field of another type beside', cliConfig({ vendorKey: apiKey(), token: 5 })],
    [
      'has credentials for other services',
      cliConfig({ ...pair, apiUrl: 'https://maas.example.net' }),
    ],
    [
      'has something worse than another place',
      { access_token: opaqueToken(), expires_at: epoch + 1 },
    ],
    [
      'has the refresh token of another client',
      {
        ...{ access_token: jwt(), refresh_token: refreshToken() },
        client_id: 'lanonasis-repl-cli',
      },
    ],
  ])('keeps a file that %s', async (_, content) => {
    const files = { '.maas/config.json': cliConfig(pair), '.lanonasis/credentials.json': content }
    const { run, home } = await lasting(files)
    await run({ oldFiles: 'remove' })
    expect(await isThere(join(home, old))).toBe(false)
    expect(await isThere(join(home, '.lanonasis/credentials.json'))).toBe(true)
  })

  it.each([
    [
      'a token for another gateway',
      '.maas/config.json',
      () => cliConfig({ vendorKey: apiKey(), token: jwt({ iss: 'https://abc.supabase.co' }) }),
    ],
    [
      'the refresh token of another client',
      '.lanonasis/credentials.json',
      () => ({
        access_token: jwt(),
        refresh_token: refreshToken(),
        client_id: 'lanonasis-repl-cli',
      }),
    ],
  ])('keeps a file with %s beside what was taken', async (_, name, content) => {
    const { run, home } = await lasting({ [name]: content() })
    const { taken, found } = await run({ oldFiles: 'remove' })
    expect(taken).toHaveLength(1)
    expect(found).toMatchObject([{ became: 'kept' }])
    expect(await isThere(join(home, name))).toBe(true)
  })

  it('keeps a file that somebody has signed out of', async () => {
    const { run, home, client } = await lasting({ [old]: cliConfig(pair) })
    await client.setApiKey(apiKey())
    await client.logout()
    await run({ oldFiles: 'remove' })
    expect(await isThere(join(home, old))).toBe(true)
  })

  it('keeps all files when the store of the client forgets, and says so', async () => {
    const { run, home } = await importer({ [old]: cliConfig({ vendorKey: apiKey() }) })
    const { found, hints } = await run({ oldFiles: 'remove' })
    expect(found).toMatchObject([{ became: 'kept' }])
    expect(hints).toContainEqual(expect.objectContaining({ code: 'store_forgets' }))
    expect(await isThere(join(home, old))).toBe(true)
  })

  it('keeps a file that the old program has written meanwhile, and says so', async () => {
    const inner = fileStore({ path: await configPath() })
    let home = ''
    const store: TokenStore = {
      ...inner,
      async commit(key, revision, value) {
        await writeOldFile(home, old, cliConfig({ vendorKey: apiKey() }))
        return inner.commit(key, revision, value)
      },
    }
    const setup = await importer({ [old]: cliConfig({ vendorKey: apiKey() }) }, { store })
    home = setup.home
    const { hints } = await setup.run({ oldFiles: 'remove' })
    expect(hints).toContainEqual(expect.objectContaining({ code: 'not_changed' }))
    expect(await isThere(join(home, old))).toBe(true)
  })

  it('keeps the config file in use, also under the name of an old one', async () => {
    const path = await configPath({ auth: { api_key: apiKey() } })
    const { run, home } = await importer({}, { store: fileStore({ path }) })
    await mkdir(join(home, '.maas'))
    await link(path, join(home, old)).catch(() => symlink(path, join(home, old)))
    expect(await run({ oldFiles: 'remove' })).toMatchObject({ found: [] })
    expect((await stat(path)).isFile()).toBe(true)
    expect(await isThere(join(home, old))).toBe(true)
  })

  it('removes nothing in a dry run', async () => {
    const { run, home } = await lasting({ [old]: cliConfig({ vendorKey: apiKey() }) })
    await run({ oldFiles: 'remove', dryRun: true })
    expect(await isThere(join(home, old))).toBe(true)
  })

  it('removes nothing when the store could not be written', async () => {
    const inner = fileStore({ path: await configPath() })
    const store: TokenStore = { ...inner, commit: () => Promise.reject(new Error('disk full')) }
    const { run, home } = await importer({ [old]: cliConfig({ vendorKey: apiKey() }) }, { store })
    await expect(run({ oldFiles: 'remove' })).rejects.toThrow()
    expect(await isThere(join(home, old))).toBe(true)
  })
})

describe('a copy of an old file', () => {
  it.each([
    [
      'config.json',
      ['config.json.bak', 'config.json~', 'config.json.tmp.1', 'config.backup.1.json'],
    ],
    ['.maas.config', ['.maas.config.backup', '.maas.config.corrupt-2026', '.maas.backup.1.config']],
    ['mcp-tokens.enc', ['mcp-tokens.enc.old']],
  ])('of %s is known by its name', (original, copies) => {
    expect(copies.filter((name) => !isCopy(name, original))).toEqual([])
    const others = [original, 'config.lock', 'settings.json', '.maas', 'config.backup']
    expect(others.filter((name) => isCopy(name, original))).toEqual([])
  })
})
