import { describe, expect, it, vi } from 'vitest'
import { createClient, indexedDbStore, redirectFlow, webStorageStore } from '../../src/browser.ts'
import { failure } from '../support/async.ts'
import { storeKey } from '../support/keeper.ts'

/** Whatever a page has, touching it on a server is a mistake. */
function forbidBrowser(): () => void {
  const names = ['window', 'document', 'indexedDB', 'localStorage', 'sessionStorage', 'navigator']
  const before = names.map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  )
  for (const name of names) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        throw new Error(`${name} was touched.`)
      },
    })
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name)
      else Object.defineProperty(globalThis, name, descriptor)
    }
  }
}

describe('createClient of a page', () => {
  it.each([{ clientId: '' }, {}])('names the client id when it is missing: %j', (options) => {
    expect(() => createClient(options as never)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringMatching('clientId'),
      }),
    )
  })

  it('keeps what it has in memory unless it is told otherwise', async () => {
    const client = createClient({ clientId: 'my-dashboard', env: {} })
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
  })
})

describe('on a server that renders pages', () => {
  it('importing the entry, or naming a flow, touches nothing of a browser', async () => {
    vi.resetModules()
    const allow = forbidBrowser()
    try {
      const entry = await import('../../src/browser.ts')
      expect(entry.redirectFlow({ redirectUri: '/auth/callback' }).name).toBe('redirect')
    } finally {
      allow()
    }
  })

  it('a sign-in says that there is no page, and nothing is there to be finished', async () => {
    const client = createClient({ clientId: 'my-dashboard', login: redirectFlow(), env: {} })
    expect(await failure(client.login())).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('call login() in a browser'),
    })
    expect(await client.completeLogin()).toBeUndefined()
    await client.destroy()
  })

  it('a store touches nothing of a browser before it is used', () => {
    const stores = [indexedDbStore, () => webStorageStore({ storage: 'local' })]
    const allow = forbidBrowser()
    try {
      for (const open of stores) expect(() => open().onFallback?.(() => {})).not.toThrow()
    } finally {
      allow()
    }
  })

  it.each([
    ['indexedDbStore', () => indexedDbStore()],
    ['webStorageStore', () => webStorageStore({ storage: 'local' })],
  ])('a client with %s is inert', async (_name, open) => {
    const client = createClient({ clientId: 'my-dashboard', store: open(), env: {} })
    expect(client.getServerSnapshot()).toEqual({ status: 'loading', legacy: false })
    expect(client.getSnapshot()).toMatchObject({ status: 'loading' })
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
  })

  it('a store keeps nothing but in memory', async () => {
    const store = indexedDbStore()
    await store.commit(storeKey, undefined, { session: { status: 'signed-out' } })
    expect(store.describe()).toMatchObject({ kind: 'memory', insteadOf: 'indexeddb' })
  })
})

describe('webStorageStore', () => {
  it('has no default: the storage has to be named', () => {
    expect(() => webStorageStore({} as never)).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    )
  })

  it('says who can read it', () => {
    expect(webStorageStore({ storage: 'local' }).describe()).toMatchObject({
      kind: 'localStorage',
      encrypted: false,
      note: expect.stringContaining('Every script'),
    })
  })
})
