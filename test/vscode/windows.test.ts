import { readdir } from 'node:fs/promises'
import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { memoryLock } from '../../src/lock/memory-lock.ts'
import type { StoredAccount } from '../../src/store/account.ts'
import { nameOf, type StoreKey, type TokenStore } from '../../src/store/store.ts'
import { secretStorageStore } from '../../src/vscode.ts'
import { failure } from '../support/async.ts'
import { temporaryDirectory } from '../support/directories.ts'
import { type EditorOptions, type EditorWindow, editor } from '../support/secret-storage.ts'

const key: StoreKey = {
  issuer: 'https://auth.example.com',
  clientId: 'vscode-extension',
  profile: 'default',
}

function signedIn(name: string): StoredAccount {
  const tokens = {
    accessToken: `access-secret-of-${name}`,
    refreshToken: `refresh-secret-of-${name}`,
    tokenType: 'Bearer',
    kind: 'opaque',
  } as const
  return { session: { status: 'signed-in', tokens } }
}

async function put(store: TokenStore, value: StoredAccount | undefined): Promise<void> {
  const result = await store.commit(key, (await store.read(key))?.revision, value)
  expect(result.ok).toBe(true)
}

async function anEditor(options: EditorOptions = {}) {
  const folder = await temporaryDirectory()
  return { folder, ...editor({ folder, ...options }) }
}

function storeIn({ context, env }: EditorWindow): TokenStore {
  return secretStorageStore(context, { env })
}

describe('two windows', () => {
  it('see what the other one has just stored, although the editor tells them later', async () => {
    const { open } = await anEditor({ flushMs: 500 })
    const [first, second] = [open(), open()]
    const [mine, other] = [storeIn(first), storeIn(second)]
    await put(mine, signedIn('ada'))
    expect(second.secrets.size).toBe(0)
    expect((await other.read(key))?.value).toEqual(signedIn('ada'))
    await put(mine, { session: { status: 'signed-out' } })
    expect((await other.read(key))?.value.session.status).toBe('signed-out')
  })

  it('never write over each other, although each has its own copy', async () => {
    const { open } = await anEditor({ flushMs: 60 })
    const stores = [storeIn(open()), storeIn(open())]
    await Promise.all(
      stores.map(async (store) => {
        for (let done = 0; done < 6; ) {
          const entry = await store.read(key)
          const count = Number(entry?.value.apiKey?.value ?? 0) + 1
          const value: StoredAccount = {
            session: { status: 'signed-out' },
            apiKey: { value: String(count) },
          }
          if ((await store.commit(key, entry?.revision, value)).ok) done += 1
        }
      }),
    )
    expect((await stores[0]?.read(key))?.value.apiKey?.value).toBe('12')
  })

  it('do not wait for ever for what was lost with a window that crashed', async () => {
    const { open } = await anEditor({ flushMs: 500 })
    const [doomed, other] = [open(), open()]
    const store = storeIn(other)
    await put(storeIn(doomed), signedIn('ada'))
    doomed.crash()
    expect(await store.read(key)).toBe(undefined)
    await put(store, signedIn('grace'))
    const startedAt = performance.now()
    expect((await store.read(key))?.value).toEqual(signedIn('grace'))
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('wait once only for what was lost with a window that crashed, and for what comes after it', async () => {
    const { open } = await anEditor({ flushMs: 500 })
    const [before, doomed, other] = [open(), open(), open()]
    await put(storeIn(before), signedIn('ada'))
    const store = storeIn(other)
    await put(storeIn(doomed), signedIn('lost'))
    doomed.crash()
    expect((await store.read(key))?.value).toEqual(signedIn('ada'))
    const startedAt = performance.now()
    for (let again = 0; again < 5; again++) await store.read(key)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await put(storeIn(before), signedIn('grace'))
    expect((await store.read(key))?.value).toEqual(signedIn('grace'))
  })

  it('are told of each change once, the writer included', async () => {
    const { open } = await anEditor()
    const [mine, other] = [storeIn(open()), storeIn(open())]
    const told = [vi.fn(), vi.fn()] as const
    const stops = [mine.watch?.(key, told[0]), other.watch?.(key, told[1])]
    await put(mine, signedIn('ada'))
    await expect.poll(() => told.map(({ mock }) => mock.calls.length)).toEqual([1, 1])
    await put(other, undefined)
    await expect.poll(() => told.map(({ mock }) => mock.calls.length)).toEqual([2, 2])
    for (const stop of stops) stop?.()
  })
})

describe('a secret storage that fails', () => {
  it('is never taken for one that has nothing, and its words are not repeated', async () => {
    const { open } = await anEditor()
    const window = open()
    const store = storeIn(window)
    await put(store, signedIn('ada'))
    window.fault = 'fails'
    const entry = { session: { status: 'signed-out' } } as const
    for (const attempt of [store.read(key), store.commit(key, undefined, entry)]) {
      const error = await failure(attempt)
      expect(error).toMatchObject({ code: 'store_unavailable' })
      expect(inspect(error, { depth: 9 })).not.toContain('secret-of')
    }
    window.fault = 'none'
    expect((await store.read(key))?.value).toEqual(signedIn('ada'))
  })

  it('that waits for a person is not waited for', { timeout: 20_000 }, async () => {
    const { open } = await anEditor()
    const window = open()
    const store = storeIn(window)
    window.fault = 'hangs'
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_unavailable' })
  })
})

describe('a write that waits for a person', () => {
  it('is given up by who asked, and nobody writes in between until it is done', {
    timeout: 40_000,
  }, async () => {
    const { open } = await anEditor()
    const window = open()
    const [store, other] = [storeIn(window), storeIn(open())]
    await put(store, signedIn('ada'))
    const revision = (await other.read(key))?.revision
    const answered = window.ask()
    const late = failure(store.commit(key, revision, signedIn('late')))
    expect(await late).toMatchObject({ code: 'store_unavailable' })
    const meanwhile = other.commit(key, revision, signedIn('grace'))
    answered()
    // It waited for the window that was asked first, and finds what that one has written.
    expect(await meanwhile).toMatchObject({ ok: false, current: { value: signedIn('late') } })
  })
})

describe('how long secrets last', () => {
  it('is described as it is known of the host', async () => {
    const desktop = storeIn((await anEditor()).open()).describe()
    expect(desktop).toMatchObject({ persistent: true, encrypted: true, shared: 'machine' })
    expect(desktop.note).toContain('no keyring')
    const embedded = storeIn(editor({ kind: 'browser' }).open()).describe()
    expect(embedded).toMatchObject({ persistent: false, encrypted: false, shared: 'tabs' })
    expect(embedded.note).toContain('forget')
    const known = editor({ kind: 'browser', env: { appHost: 'github.dev' } }).open()
    expect(storeIn(known).describe()).toMatchObject({ persistent: true })
    const remote = (await anEditor({ env: { remoteName: 'ssh-remote' } })).open()
    expect(storeIn(remote).describe().note).toContain('other machines')
  })

  it('is found out, where the host has forgotten them', async () => {
    const { open, restart } = await anEditor({ kind: 'no-keyring' })
    await put(storeIn(open()), signedIn('ada'))
    restart()
    const store = storeIn(open())
    expect(store.describe().persistent).toBe(true)
    expect(await store.read(key)).toBe(undefined)
    expect(store.describe()).toMatchObject({
      persistent: false,
      shared: 'process',
      note: expect.stringContaining('has forgotten'),
    })
  })

  it('is found out, where a host keeps them that is not known for it', async () => {
    const { open, restart } = await anEditor({ kind: 'browser' })
    await put(storeIn(open()), signedIn('ada'))
    restart()
    const store = storeIn(open())
    expect((await store.read(key))?.value).toEqual(signedIn('ada'))
    expect(store.describe()).toMatchObject({ persistent: true })
  })

  it('is not held against a host on which somebody has removed them', async () => {
    const { open, restart } = await anEditor()
    const store = storeIn(open())
    await put(store, signedIn('ada'))
    await store.destroy?.(key)
    await new Promise((resolve) => setTimeout(resolve, 40))
    restart()
    const later = storeIn(open())
    expect(await later.read(key)).toBe(undefined)
    expect(later.describe()).toMatchObject({ persistent: true })
  })
})

describe('what lies in the folder of the extension', () => {
  it('is no secret, and is gone after destroy', async () => {
    const { folder, open } = await anEditor()
    const window = open()
    const store = storeIn(window)
    await put(store, signedIn('ada'))
    expect(await readdir(folder)).toEqual([
      expect.stringMatching(/^lanonasis-credentials\.[0-9a-f]{16}\.revision$/),
    ])
    window.plant(`lanonasis.account:${nameOf(key)}`, 'damage')
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_corrupt' })
    await store.destroy?.(key)
    expect(await readdir(folder)).toEqual([])
    expect(window.secrets.size).toBe(0)
  })

  it('is nothing at all, where the extension runs in a page or brings its own lock', async () => {
    const folder = await temporaryDirectory()
    const { open } = editor({ folder })
    const { context } = open()
    await put(secretStorageStore(context, { lock: memoryLock() }), signedIn('ada'))
    expect(await readdir(folder)).toEqual([])
  })
})
