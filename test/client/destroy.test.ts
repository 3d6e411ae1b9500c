import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import { fileStore } from '../../src/node.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { TokenStore } from '../../src/store/store.ts'
import { deferred, failure, settle } from '../support/async.ts'
import { configPath } from '../support/directories.ts'
import { keychainHome } from '../support/keychain.ts'
import { clientFor, personFlow, platformAt, signedIn } from '../support/setup.ts'

describe('destroy', () => {
  it('has the tokens revoked, and leaves nothing of the profile', async () => {
    const path = await configPath()
    const platform = platformAt({ limits: false })
    const options = { login: personFlow(platform) }
    const client = clientFor(platform, { ...options, store: fileStore({ path }) })
    await client.login({ apiKey: { name: 'my-laptop' } })
    const token = await client.getAccessToken()
    await client.destroy()
    expect(await readdir(dirname(path))).toEqual([])
    const next = clientFor(platform, { ...options, store: fileStore({ path }) })
    expect(await next.introspect(token)).toEqual({ active: false })
    expect(await next.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })

  it('leaves the other profiles of the home signed in, in a file and in a keychain', async () => {
    const { directory, open, keychain } = await keychainHome()
    const path = join(directory, '.maas.config')
    const platform = platformAt({ limits: false })
    for (const store of [() => fileStore({ path }), () => open(), () => [open(), memoryStore()]]) {
      const clients = ['default', 'work', 'home'].map((profile) =>
        clientFor(platform, { store: store(), profile, login: personFlow(platform) }),
      )
      for (const client of clients) await client.login()
      const [first, ...others] = clients
      await first?.destroy()
      for (const client of others) {
        expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
      }
      const again = clientFor(platform, { store: store() })
      expect(await again.getSession()).toMatchObject({ status: 'signed-out' })
      for (const client of others) await client.destroy()
      expect(await readdir(directory)).toEqual([])
      expect(keychain.entries.size).toBe(0)
    }
  })

  it('can be called twice, and where nobody was signed in', async () => {
    const { client, platform } = await signedIn()
    await client.destroy()
    await client.destroy()
    await clientFor(platform).destroy()
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })

  it('closes the client', async () => {
    const { client } = await signedIn()
    const events: unknown[] = []
    client.on('session', (session) => events.push(session.status))
    await client.destroy()
    await client.setApiKey('pk_1.sk_2')
    expect(events).toEqual(['signed-out'])
  })

  it('is not undone by a renewal under way, whose pair is revoked', async () => {
    const reached = deferred<string>()
    const gate = deferred()
    const platform = platformAt({ limits: false })
    const { client, store, expire } = await signedIn({
      platform,
      fetch: async (input, init) => {
        const response = await platform.fetch(input, init)
        if (!String(input).endsWith('/oauth/token')) return response
        reached.resolve((await response.clone().json()).access_token)
        await gate.promise
        return response
      },
    })
    expire()
    const renewing = failure(client.getAccessToken())
    const late = await reached.promise
    const destroying = client.destroy()
    // The sign-out is through, and only the renewal is in the way.
    await expect.poll(() => platform.requestsTo('POST /oauth/revoke')).toHaveLength(2)
    await settle()
    gate.resolve()
    await destroying
    expect(await renewing).toMatchObject({ code: 'login_required' })
    const bystander = clientFor(platform, { store })
    expect(await bystander.introspect(late)).toEqual({ active: false })
    expect(await bystander.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })

  it('sets aside what cannot be read, which may be of others as well, and says so', async () => {
    const path = await configPath('damaged')
    const client = clientFor(platformAt(), { store: fileStore({ path }) })
    expect(await failure(client.destroy())).toMatchObject({ code: 'store_corrupt' })
    expect(await readdir(dirname(path))).toEqual([expect.stringContaining('.corrupt-')])
  })

  it('says when something cannot be removed, and can be called again', async () => {
    const { open, keychain, directory } = await keychainHome()
    const platform = platformAt()
    const client = clientFor(platform, { store: open() })
    await client.setApiKey('pk_1.sk_2')
    keychain.state = 'refuses'
    expect(await failure(client.destroy())).toMatchObject({ code: 'store_unavailable' })
    keychain.state = 'answers'
    await client.destroy()
    expect(keychain.entries.size).toBe(0)
    expect(await readdir(directory)).toEqual([])
  })

  it('removes the account from a store that knows no more than the interface asks for', async () => {
    const { destroy, ...inner } = memoryStore({ apiKey: 'pk_1.sk_2' })
    let removed = false
    const store: TokenStore = {
      ...inner,
      async commit(key, revision, value) {
        removed ||= value === undefined
        return inner.commit(key, revision, value)
      },
    }
    await clientFor(platformAt(), { store }).destroy()
    expect(removed).toBe(true)
  })
})

describe('a client with a list of stores', () => {
  it('reports once which of them is used instead of the first', async () => {
    const unreachable = () => Promise.reject(new AuthError('store_unavailable', 'Not here.'))
    const first: TokenStore = { ...memoryStore(), read: unreachable, commit: unreachable }
    const client = clientFor(platformAt(), { store: [first, memoryStore()] })
    const events: unknown[] = []
    client.on('store', (event) => events.push(event))
    await client.setApiKey('pk_1.sk_2')
    await client.getSession()
    expect(events).toMatchObject([
      { operation: 'open', code: 'store_unavailable', instead: { insteadOf: 'memory' } },
    ])
  })
})
