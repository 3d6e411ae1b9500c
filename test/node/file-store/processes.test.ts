import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type { Lock } from '../../../src/lock/lock.ts'
import { configStore } from '../../../src/node/file-store/config-store.ts'
import { leaseLock } from '../../../src/node/lease-lock/lease-lock.ts'
import { fileStore } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { accessTokenOf, accountOf, production, put, signedIn } from './accounts.ts'

/** A lock whose holder is told, from the given question on, that it was taken from it. */
function lostLock(): Lock {
  return { withLock: (_name, _limits, work) => work({ isHeld: async () => false }) }
}

describe('a config file that other processes change, too', () => {
  it('is not replaced by a process that has lost its lock meanwhile', async () => {
    const path = await configPath({ auth: { tokens: { access_token: 'of somebody else' } } })
    const before = await readFile(path, 'utf8')
    const store = configStore(path, lostLock())
    expect(await failure(put(store, production, signedIn('late')))).toMatchObject({
      code: 'store_unavailable',
      retryable: true,
    })
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  })

  it('is store_unavailable for who cannot get at it for long', async () => {
    const path = await configPath({ token: 'an-old-token' })
    const busy: Lock = {
      withLock: () => Promise.reject(new AuthError('lock_timeout', 'Somebody else has it.')),
    }
    const store = configStore(path, busy)
    expect(await failure(store.commit(production, undefined, signedIn('ada')))).toMatchObject({
      code: 'store_unavailable',
      retryable: true,
    })
    // Reading needs nobody's leave, and what it cannot write it does without.
    expect((await accountOf(store, production))?.legacyToken).toBe('an-old-token')
  })

  it('can be read while somebody holds its lock', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('ada'))
    await leaseLock({ path }).withLock('file', { timeoutMs: 1_000 }, async () => {
      expect(await accessTokenOf(fileStore({ path }), production)).toBe('access-of-ada')
    })
  })

  it('can be committed to under the lock of a session', async () => {
    const path = await configPath()
    const store = fileStore({ path })
    await store.lock?.withLock('session', { timeoutMs: 1_000 }, () =>
      put(store, production, signedIn('ada')),
    )
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  })

  it.each([
    ['emptied', ''],
    ['half written', '{"auth":{"tokens":{"acc'],
  ])('is read again when somebody is just writing it (%s)', async (_name, half) => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('ada'))
    const whole = await readFile(path, 'utf8')
    await truncate(path)
    await writeFile(path, half)
    const reading = accessTokenOf(fileStore({ path }), production)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await writeFile(path, whole)
    expect(await reading).toBe('access-of-ada')
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  })
})

describe('a config file that a newer version writes to', () => {
  it('keeps its additions inside and outside of the account', async () => {
    const path = await configPath({
      auth: {
        tokens: { access_token: 'a', issuer: production.issuer, dpop_key: 'kept' },
        api_key: 'pk_1.sk_2',
        api_key_details: { issuer: production.issuer, rotates_at: 'kept' },
        passkey: 'kept',
      },
      telemetry: 'kept',
    })
    const store = fileStore({ path })
    await put(store, production, { ...signedIn('ada'), apiKey: { value: 'pk_3.sk_4' } })
    expect(await readJson(path)).toMatchObject({
      auth: {
        tokens: { access_token: 'access-of-ada', dpop_key: 'kept' },
        api_key: 'pk_3.sk_4',
        api_key_details: { rotates_at: 'kept' },
        passkey: 'kept',
      },
      telemetry: 'kept',
    })
  })

  it('is left alone when its format is a newer one', async () => {
    const content = JSON.stringify({ auth: { format: 2, tokens: { sealed: 'secret' } } })
    const path = await configPath(content)
    const store = fileStore({ path })
    for (const work of [
      () => store.read(production),
      () => store.commit(production, undefined, signedIn('ada')),
    ]) {
      const error = await failure(work())
      expect(error).toMatchObject({ code: 'store_unavailable', retryable: false })
      expect((error as AuthError).hint).toContain('Update')
    }
    expect(await readFile(path, 'utf8')).toBe(content)
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  })

  it('is read when its format is the one we know', async () => {
    const path = await configPath({ auth: { format: 1, api_key: 'pk_1.sk_2' } })
    const store = fileStore({ path })
    expect((await accountOf(store, production))?.apiKey?.value).toBe('pk_1.sk_2')
    await put(store, production, signedIn('ada'))
    expect((await readJson(path)).auth.format).toBe(1)
  })
})

describe('an intent and a cool-down in the config file', () => {
  const intent = { refreshTokenHash: 'a-hash', since: Date.UTC(2026, 5, 1, 12) }
  const coolDown = { until: Date.UTC(2026, 5, 1, 12, 1), code: 'rate_limited' }

  it('are fields of their own, with times as the roadmap writes them', async () => {
    const path = await configPath()
    const store = fileStore({ path })
    await put(store, production, { ...signedIn('ada'), intent, coolDown })
    expect((await readJson(path)).auth).toMatchObject({
      intent: { refresh_token_hash: 'a-hash', since: '2026-06-01T12:00:00.000Z' },
      cool_down: { until: '2026-06-01T12:01:00.000Z', code: 'rate_limited' },
    })
    expect(await accountOf(fileStore({ path }), production)).toMatchObject({ intent, coolDown })
  })

  it('go with the next commit that has none', async () => {
    const path = await configPath()
    const store = fileStore({ path })
    await put(store, production, { ...signedIn('ada'), intent, coolDown })
    await put(store, production, signedIn('ada'))
    const { auth } = await readJson(path)
    expect(auth).not.toHaveProperty('intent')
    expect(auth).not.toHaveProperty('cool_down')
  })

  it.each([
    ['are no account by themselves', { intent: { refresh_token_hash: 'h', since: '2026-06-01' } }],
    ['are nothing without their parts', { api_key: 'k', intent: {}, cool_down: { until: 'x' } }],
  ])('%s', async (_name, auth) => {
    const account = await accountOf(fileStore({ path: await configPath({ auth }) }), production)
    expect(account?.intent ?? account?.coolDown).toBeUndefined()
    expect(account?.apiKey?.value).toBe('api_key' in auth ? 'k' : undefined)
  })
})
