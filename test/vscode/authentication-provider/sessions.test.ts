import { describe, expect, it } from 'vitest'
import { deferred, failure, settle, withQuickTimers } from '../../support/async.ts'
import { lifeMs, platformAt } from '../../support/setup.ts'
import { editorFor, offerIn } from './offered.ts'

const setUp = () => {
  const platform = platformAt({ limits: false })
  const window = editorFor(platform).open()
  return { platform, window, ...offerIn(window, { platform }) }
}

describe('the session that is offered to other extensions', () => {
  it('is registered under the name of the manifest, and is the only one', () => {
    const { id, label, options } = setUp()
    expect({ id, label, options }).toEqual({
      id: 'lanonasis',
      label: 'Lanonasis',
      options: { supportsMultipleAccounts: false },
    })
  })

  it('is none while nobody is signed in, and asks nobody', async () => {
    const { provider, platform, window } = setUp()
    expect(await provider.getSessions()).toEqual([])
    expect(await provider.getSessions(['memories:read'])).toEqual([])
    expect(platform.requests).toEqual([])
    expect(window.opened).toEqual([])
  })

  it('is made by a sign-in, named after the person, and told as added', async () => {
    const { provider, platform, client, told } = setUp()
    const [user] = platform.users
    const session = await provider.createSession(['memories:read'])
    expect(session).toMatchObject({
      accessToken: await client.getAccessToken(),
      account: { id: user?.id, label: user?.id },
      scopes: ['memories:read', 'memories:write'],
    })
    expect(told).toEqual([`added ${user?.id}`])
    expect(await provider.getSessions()).toEqual([session])
  })

  it('has a token that can be used now: an ended one is renewed first, once for all who ask', async () => {
    const { provider, platform, told } = setUp()
    const before = await provider.createSession([])
    platform.clock.advance(lifeMs)
    const asked = await Promise.all([1, 2, 3].map(() => provider.getSessions()))
    const [[after]] = asked as [[typeof before]]
    for (const sessions of asked) expect(sessions).toEqual([after])
    expect(after.id).toBe(before.id)
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(2)
    const label = before.account.label
    expect(told).toEqual([`added ${label}`, `changed ${label}`])
  })

  it('is given only for scopes that it has, and a sign-in for more keeps those it had', async () => {
    const platform = platformAt({ limits: false })
    const { provider, told } = offerIn(editorFor(platform).open(), {
      platform,
      client: { scope: 'memories:read' },
    })
    const before = await provider.createSession([])
    expect(before.scopes).toEqual(['memories:read'])
    expect(await provider.getSessions(['memories:read'])).toEqual([before])
    expect(await provider.getSessions(['memories:read', 'memories:write'])).toEqual([])
    platform.clock.advance(1_000)
    const after = await provider.createSession(['memories:write'])
    const asked = platform.requestsTo('GET /oauth/authorize').at(-1)?.query?.scope
    expect(asked).toBe('memories:read memories:write')
    expect(after.scopes).toEqual(['memories:read', 'memories:write'])
    expect(await provider.getSessions(['memories:write'])).toEqual([after])
    // Of the same person, who may be signed in once.
    expect(after.account).toEqual(before.account)
    expect(told.at(-1)).toBe(`removed ${before.account.label}`)
  })

  it('is given to nobody who asks for another person’s', async () => {
    const { provider } = setUp()
    const session = await provider.createSession([])
    const { account } = session
    expect(await provider.getSessions([], { account })).toEqual([session])
    expect(await provider.getSessions([], {})).toEqual([session])
    const other = { id: 'another', label: 'bob@example.com' }
    expect(await provider.getSessions([], { account: other })).toEqual([])
  })

  it('is removed by a sign-out, at the server as well', async () => {
    const { provider, platform, client, told, changes } = setUp()
    const session = await provider.createSession([])
    await provider.removeSession(session.id)
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    expect(platform.requestsTo('POST /oauth/revoke')).not.toEqual([])
    expect(changes.at(-1)).toEqual({ added: undefined, changed: undefined, removed: [session] })
    expect(told).toHaveLength(2)
    expect(await provider.getSessions()).toEqual([])
  })

  it('is removed as the extension signs out, with its own words', async () => {
    const platform = platformAt({ limits: false })
    const offered = offerIn(editorFor(platform).open(), {
      platform,
      signOut: () => offered.client.logout({ apiKey: 'revoke' }),
    })
    const session = await offered.provider.createSession([])
    await offered.client.apiKeys.ensure({ name: 'an editor' })
    await offered.provider.removeSession(session.id)
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([false])
    expect(offered.told.at(-1)).toBe(`removed ${session.account.label}`)
  })

  it('is not removed for another one that has ended, and what has ended is removed without complaint', async () => {
    const { provider, client } = setUp()
    const session = await provider.createSession([])
    expect(await failure(provider.removeSession('another'))).toMatchObject({ code: 'not_found' })
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
    await client.logout()
    await provider.removeSession(session.id)
  })

  it('is told as removed when the server has ended it', async () => {
    const { provider, platform, client, told } = setUp()
    const { account } = await provider.createSession([])
    platform.revokeTokens()
    platform.clock.advance(lifeMs)
    // Another process may have renewed it: the store is watched for a while.
    expect(await withQuickTimers(() => provider.getSessions())).toEqual([])
    expect(told).toEqual([`added ${account.label}`, `removed ${account.label}`])
    expect(await client.getSession()).toMatchObject({ status: 'expired' })
  })

  it('is not said to be none while the server is away: the error is', async () => {
    const { provider, platform, told } = setUp()
    await provider.createSession([])
    platform.clock.advance(lifeMs)
    platform.order({ match: 'POST /oauth/token', action: { status: 503 } })
    expect(await failure(provider.getSessions())).toMatchObject({ code: 'refresh_failed' })
    expect(told).toHaveLength(1)
  })

  it('is not said to be none where the secrets cannot be read', async () => {
    const { provider, window, told } = setUp()
    window.storage.fault = 'fails'
    expect(await failure(provider.getSessions())).toMatchObject({ code: 'store_unavailable' })
    expect(told).toEqual([])
  })

  it('is not told as there when the person signs out while its name is asked for', async () => {
    const platform = platformAt({ limits: false })
    const [asked, answered] = [deferred(), deferred()]
    const { provider, client, told } = offerIn(editorFor(platform).open(), {
      platform,
      client: {
        fetch: async (input, init) => {
          if (String(input).endsWith('/oauth/introspect')) {
            asked.resolve()
            await answered.promise
          }
          return platform.fetch(input, init)
        },
      },
    })
    const creating = failure(provider.createSession([]))
    await asked.promise
    await client.logout()
    answered.resolve()
    expect(await creating).toMatchObject({ code: 'login_required' })
    expect(told).toEqual([])
  })

  it('fails to be made as the sign-in fails', async () => {
    const { provider, window } = setUp()
    window.answer = 'cancel'
    expect(await failure(provider.createSession([]))).toMatchObject({ code: 'login_cancelled' })
  })

  it('is made as the extension signs in, with its own words', async () => {
    const platform = platformAt({ limits: false })
    const asked: string[] = []
    const offered = offerIn(editorFor(platform).open(), {
      platform,
      id: 'acme',
      label: 'Acme',
      signIn: async ({ scope }) => {
        asked.push(scope)
        await offered.client.login({ scope })
      },
    })
    expect(offered).toMatchObject({ id: 'acme', label: 'Acme' })
    expect(await offered.provider.createSession([])).toMatchObject({ account: {} })
    expect(asked).toEqual(['memories:read memories:write'])
    await offered.provider.createSession([])
  })

  it('is not made by a sign-in that signs nobody in', async () => {
    const platform = platformAt()
    const { provider } = offerIn(editorFor(platform).open(), { platform, signIn: async () => {} })
    expect(await failure(provider.createSession([]))).toMatchObject({ code: 'login_required' })
  })

  it('is no longer offered when it was disposed of, or the extension has ended', async () => {
    const platform = platformAt({ limits: false })
    for (const end of ['dispose', 'deactivate'] as const) {
      const window = editorFor(platform).open()
      const { registration, registered, client, told } = offerIn(window, { platform })
      if (end === 'dispose') registration.dispose()
      else window.deactivate()
      expect(registered.size).toBe(0)
      if (end === 'dispose') await client.login()
      await settle()
      expect(told).toEqual([])
      expect(platform.requestsTo('POST /oauth/introspect')).toEqual([])
    }
  })
})
