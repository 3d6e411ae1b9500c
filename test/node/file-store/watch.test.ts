import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { watchFile } from '../../../src/node/files/watch-file.ts'
import { fileStore } from '../../../src/node.ts'
import type { StoreKey } from '../../../src/store/store.ts'
import { configPath, temporaryDirectory } from '../../support/directories.ts'
import { accessTokenOf, production, put, signedIn, staging } from './accounts.ts'

const soon = { timeout: 10_000, interval: 5 }
/** Longer than it takes to tell of a change. */
const quietMs = 300

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Watches as one process, and gives what another one has. */
async function watched(path: string, key: StoreKey = production) {
  const listener = vi.fn()
  const store = fileStore({ path })
  // What it needs is loaded at first use.
  await store.read(key)
  const stop = store.watch?.(key, listener) ?? (() => {})
  onTestFinished(stop)
  await store.read(key)
  return { listener, stop, store, other: fileStore({ path }) }
}

describe('watching the config file', () => {
  it('tells within 200 ms of what another process has committed', async () => {
    const { listener, store, other } = await watched(await configPath())
    const delays: number[] = []
    for (let change = 1; change <= 5; change++) {
      await put(other, production, signedIn(`${change}`))
      const since = performance.now()
      await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(change), soon)
      delays.push(performance.now() - since)
      expect(await accessTokenOf(store, production)).toBe(`access-of-${change}`)
    }
    // A machine that is busy with other tests may take longer, though not each time.
    expect(Math.min(...delays)).toBeLessThan(200)
  })

  it('tells of an account that was removed', async () => {
    const { listener, other } = await watched(await configPath())
    await put(other, production, signedIn('ada'))
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), soon)
    await put(other, production, undefined)
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2), soon)
  })

  it('tells of what a program has written that writes in place and knows no revisions', async () => {
    const path = await configPath({ auth: { api_key: 'pk_1.sk_2' } })
    const { listener } = await watched(path)
    await writeFile(path, JSON.stringify({ auth: { api_key: 'pk_3.sk_4' } }))
    await vi.waitFor(() => expect(listener).toHaveBeenCalled(), soon)
  })

  it('★3 says nothing of other accounts, other fields, other files and the same content', async () => {
    const path = await configPath({ auth: { api_key: 'pk_1.sk_2' } })
    const { listener, other } = await watched(path)
    await put(other, staging, signedIn('staging'))
    await put(other, { ...production, profile: 'work' }, signedIn('work'))
    await writeFile(`${path}.backup`, 'x')
    await other.lock?.withLock('a', { timeoutMs: 1_000 }, () => pause(20))
    const text = JSON.stringify({ theme: 'dark', auth: { api_key: 'pk_1.sk_2' } })
    await writeFile(path, text)
    await writeFile(path, text)
    await pause(quietMs)
    expect(listener).not.toHaveBeenCalled()
  })

  it('says nothing of a file that is half written, and tells when it is whole', async () => {
    const path = await configPath({ auth: { api_key: 'pk_1.sk_2' } })
    const { listener } = await watched(path)
    await writeFile(path, '{"auth":{"api_key":"pk_3')
    await pause(quietMs)
    expect(listener).not.toHaveBeenCalled()
    await writeFile(path, '{"auth":{"api_key":"pk_3.sk_4"}}')
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), soon)
  })

  it('says nothing after it was stopped', async () => {
    const { listener, stop, other } = await watched(await configPath())
    stop()
    await put(other, production, signedIn('ada'))
    await pause(quietMs)
    expect(listener).not.toHaveBeenCalled()
  })

  it('begins where there is no directory yet', async () => {
    const path = join(await temporaryDirectory(), 'one', 'two', 'config')
    const { listener, other } = await watched(path)
    await put(other, production, signedIn('ada'))
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), soon)
    await put(other, production, signedIn('grace'))
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2), soon)
  })

  it('watches what a link leads to', async () => {
    const home = await temporaryDirectory()
    const [path, target] = [join(home, '.maas.config'), join(home, 'dotfiles', 'config')]
    await mkdir(dirname(target))
    await writeFile(target, '{}')
    await symlink(target, path)
    const { listener } = await watched(path)
    await put(fileStore({ path: target }), production, signedIn('ada'))
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), soon)
  })

  it('tells of a file that was moved there', async () => {
    const path = await configPath({ auth: { api_key: 'pk_1.sk_2' } })
    const { listener } = await watched(path)
    await writeFile(`${path}.new`, '{"auth":{"api_key":"pk_3.sk_4"}}')
    await rename(`${path}.new`, path)
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), soon)
  })
})

describe('watching where the system does not tell of changes', () => {
  it('looks from time to time', async () => {
    const path = await configPath('old')
    const listener = vi.fn()
    onTestFinished(watchFile(path, listener, { watch: () => undefined }))
    // The first look tells what there is to compare with.
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), soon)
    await pause(quietMs)
    expect(listener).toHaveBeenCalledTimes(1)
    await writeFile(path, 'changed')
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2), soon)
  })

  it('goes over to being told as soon as that works', async () => {
    const path = await configPath('old')
    const listener = vi.fn()
    const stop = vi.fn()
    let tell = (_event: 'rename' | 'change', _name: string | undefined) => {}
    let attempts = 0
    const stopWatching = watchFile(path, listener, {
      watch: (_directory, listen) => {
        attempts += 1
        if (attempts < 2) return undefined
        tell = listen
        return stop
      },
    })
    await vi.waitFor(() => expect(attempts).toBe(2), soon)
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), soon)
    tell('rename', 'another file')
    tell('rename', basename(path))
    tell('change', undefined)
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2), soon)
    stopWatching()
    expect(stop).toHaveBeenCalledTimes(1)
    tell('rename', basename(path))
    await pause(50)
    expect(listener).toHaveBeenCalledTimes(2)
    expect(attempts).toBe(2)
  })
})
