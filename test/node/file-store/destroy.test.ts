import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { accessTokenOf, production, put, signedIn, staging } from './accounts.ts'

const work = { ...production, profile: 'work' }

describe('destroying an account in a config file', () => {
  it('removes the file with the last of them, and leaves nothing beside it', async () => {
    const path = await configPath()
    const store = fileStore({ path })
    for (const key of [production, work, staging]) await put(store, key, signedIn(key.profile))
    await store.destroy?.(work)
    expect(await accessTokenOf(store, production)).toBe('access-of-default')
    await store.destroy?.(production)
    expect(JSON.stringify(await readJson(path))).not.toContain('"default-')
    expect(await accessTokenOf(store, staging)).toBe('access-of-default')
    await store.destroy?.(staging)
    expect(await readdir(dirname(path))).toEqual([])
  })

  it.each([
    ['services', { services: { auth_gateway: production.issuer } }],
    ['settings of another program', { theme: 'dark' }],
    ['additions inside of auth', { auth: { passkey: 'kept' } }],
  ])('keeps a file in which there are %s', async (_what, content) => {
    const path = await configPath(content)
    const store = fileStore({ path })
    await put(store, production, signedIn('ada'))
    await put(store, work, signedIn('work'))
    await store.destroy?.(work)
    await store.destroy?.(production)
    const { last_updated, ...rest } = await readJson(path)
    expect(rest).toMatchObject(content)
    expect(JSON.stringify(rest)).not.toMatch(/-of-|accounts/)
  })

  it('takes along the token of the time before OAuth', async () => {
    const path = await configPath({ token: 'an-old-token' })
    await fileStore({ path }).destroy?.(production)
    expect(await readdir(dirname(path))).toEqual([])
  })

  it('does not make a file where there is none', async () => {
    const path = await configPath()
    await fileStore({ path }).destroy?.(production)
    expect(await readdir(dirname(path))).toEqual([])
  })

  it('removes what was left unfinished, and neither what was set aside nor a file of others', async () => {
    const path = await configPath('damaged')
    const store = fileStore({ path })
    await failure(store.read(production))
    await put(store, production, signedIn('ada'))
    const directory = dirname(path)
    const unfinished = '..maas.config.00000000-0000-4000-8000-000000000000.tmp'
    await writeFile(join(directory, unfinished), 'half a secret')
    await writeFile(join(directory, '.maas.config.backup'), 'mine')
    expect(await readdir(directory)).toHaveLength(4)
    await store.destroy?.(production)
    const left = await readdir(directory)
    expect(left).toEqual(['.maas.config.backup', expect.stringContaining('corrupt')])
  })

  it('removes what a link leads to', async () => {
    const target = await configPath()
    const path = await configPath()
    await symlink(target, path)
    const store = fileStore({ path })
    await put(store, production, signedIn('ada'))
    expect(await readFile(target, 'utf8')).toContain('access-of-ada')
    await store.destroy?.(production)
    expect(await readdir(dirname(target))).toEqual([])
    expect(await store.read(production)).toBeUndefined()
  })
})
