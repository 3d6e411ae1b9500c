import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { accessTokenOf, production, put, signedIn } from './accounts.ts'

const noConfig = [
  ['half a file', '{"auth":{"tokens":{"access_to'],
  ['a text', 'hello'],
  ['a list', '[1,2]'],
  ['nothing but null', 'null'],
  ['an auth block that is none', '{"auth":"secret"}'],
] as const

describe('a config file that cannot be understood', () => {
  it.each(noConfig)('is set aside, with what is in it (%s)', async (_name, content) => {
    const path = await configPath(content)
    const error = await failure(fileStore({ path }).read(production))
    expect(error).toMatchObject({ name: 'AuthError', code: 'store_corrupt', retryable: false })

    const [aside = '', ...others] = await readdir(dirname(path))
    expect(others).toEqual([])
    expect(aside).not.toBe(basename(path))
    expect(await readFile(join(dirname(path), aside), 'utf8')).toBe(content)
    expect((error as { hint: string }).hint).toContain(join(dirname(path), aside))
  })

  it.each(noConfig)('is not overwritten by a commit (%s)', async (_name, content) => {
    const path = await configPath(content)
    const store = fileStore({ path })
    const error = await failure(store.commit(production, undefined, signedIn('ada')))
    expect(error).toMatchObject({ code: 'store_corrupt' })
    const [aside = ''] = await readdir(dirname(path))
    expect(await readFile(join(dirname(path), aside), 'utf8')).toBe(content)
  })

  it('is reported once: then a person can sign in again', async () => {
    const path = await configPath('not json')
    const store = fileStore({ path })
    await failure(store.read(production))
    expect(await store.read(production)).toBeUndefined()
    await put(store, production, signedIn('ada'))
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
    expect(await readdir(dirname(path))).toHaveLength(2)
  })

  it('can be repaired and moved back', async () => {
    const path = await configPath('{"auth":{"api_key":"pk_1.sk_2"}')
    const store = fileStore({ path })
    await failure(store.read(production))
    const [aside = ''] = await readdir(dirname(path))
    await writeFile(join(dirname(path), aside), '{"auth":{"api_key":"pk_1.sk_2"}}')
    await rename(join(dirname(path), aside), path)
    expect((await store.read(production))?.value.apiKey?.value).toBe('pk_1.sk_2')
  })

  it('keeps each of several damaged files', async () => {
    const path = await configPath('first')
    const store = fileStore({ path })
    await failure(store.read(production))
    await writeFile(path, 'second')
    await failure(store.read(production))
    const names = await readdir(dirname(path))
    const contents = names.map((name) => readFile(join(dirname(path), name), 'utf8'))
    expect((await Promise.all(contents)).sort()).toEqual(['first', 'second'])
  })

  it('is one error for readers who come at the same time, and no account for the next', async () => {
    const path = await configPath('not json')
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => fileStore({ path }).read(production)),
    )
    const failed = results.filter(({ status }) => status === 'rejected')
    expect(failed).toMatchObject([{ reason: { code: 'store_corrupt' } }])
    expect(await readdir(dirname(path))).toHaveLength(1)
  })

  it('says nothing of what is in it', async () => {
    const path = await configPath('{"auth":{"tokens":{"access_token":"very-secret-token",}}}')
    const error = await failure(fileStore({ path }).read(production))
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('very-secret')
  })
})

describe('a config file that another program is writing in place', () => {
  it.each([
    ['empty', ''],
    ['half written', '{"auth":{"api_key":"pk_'],
  ])('is looked at again while it is %s', async (_name, moment) => {
    const path = await configPath(moment)
    const store = fileStore({ path })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const reading = store.read(production)
    // Now the pause has begun, after which it looks again.
    while (vi.getTimerCount() === 0) await new Promise(setImmediate)
    await writeFile(path, '{"auth":{"api_key":"pk_1.sk_2"}}')
    vi.runAllTimers()
    expect((await reading)?.value.apiKey?.value).toBe('pk_1.sk_2')
    expect(await readdir(dirname(path))).toEqual(['.maas.config'])
  })
})

describe('a config file that says little', () => {
  it.each([
    ['does not exist', undefined],
    ['is empty', ''],
    ['is blank', ' \n\t\r\n'],
    ['is an empty object', '{}'],
    ['has an empty auth block', '{"auth":{}}'],
    ['has empty tokens', '{"auth":{"tokens":{"access_token":""},"api_key":"","legacyToken":""}}'],
  ])('means that nothing is stored when it %s', async (_name, content) => {
    const path = await configPath(content)
    const store = fileStore({ path })
    expect(await store.read(production)).toBeUndefined()
    await put(store, production, signedIn('ada'))
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
  })

  it('is not created by reading', async () => {
    const path = await configPath()
    await fileStore({ path }).read(production)
    expect(await readdir(dirname(path))).toEqual([])
  })

  it('may begin with the mark that editors on Windows put there', async () => {
    const path = await configPath('\uFEFF{"auth":{"api_key":"pk_1.sk_2"},"theme":"dark"}')
    const store = fileStore({ path })
    expect((await store.read(production))?.value.apiKey?.value).toBe('pk_1.sk_2')
    await put(store, production, signedIn('ada'))
    expect(await readJson(path)).toMatchObject({ theme: 'dark' })
  })
})

describe('a place that cannot be read', () => {
  it('is store_unavailable and never "nothing stored": a directory under that name', async () => {
    const path = await configPath()
    await mkdir(path)
    for (const work of [
      () => fileStore({ path }).read(production),
      () => fileStore({ path }).commit(production, undefined, signedIn('ada')),
    ]) {
      const error = await failure(work())
      expect(error).toMatchObject({ code: 'store_unavailable', retryable: true })
      expect(String(error)).toContain(path)
    }
    expect(await readdir(path)).toEqual([])
  })

  it('is store_unavailable: a file where a directory should be', async () => {
    const path = join(await configPath('{}'), 'config')
    expect(await failure(fileStore({ path }).read(production))).toMatchObject({
      code: 'store_unavailable',
    })
  })

  it('works again when the place does', async () => {
    const path = await configPath()
    const store = fileStore({ path })
    await mkdir(path)
    await failure(store.read(production))
    await rm(path, { recursive: true })
    await put(store, production, signedIn('ada'))
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
  })
})
