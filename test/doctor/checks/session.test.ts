import { describe, expect, it } from 'vitest'
import { isAuthError, memoryStore } from '../../../src/index.ts'
import { epoch, lifeMs, platformAt, signedIn } from '../../support/setup.ts'
import { examine, statuses, troubles } from '../examine.ts'

/** Somebody signed in. */
async function session(initial: Parameters<typeof signedIn>[0] = {}) {
  const { platform, store, tokens } = await signedIn(initial)
  return { platform, client: { store }, tokens }
}

describe('a session', () => {
  it.each(['opaque', 'jwt'] as const)('that the gateway knows is well (%s)', async (family) => {
    const examined = await session({ family })
    expect(await examine('session', examined)).toEqual([
      {
        status: 'ok',
        service: 'authGateway',
        what: expect.stringContaining(`good until ${new Date(epoch + lifeMs).toISOString()}`),
      },
    ])
    expect(examined.platform.requestsTo('POST /oauth/introspect')).toHaveLength(1)
  })

  it('that has to be renewed is left alone: nothing is asked, nothing is sent', async () => {
    const examined = await session()
    examined.platform.clock.advance(lifeMs)
    expect(await examine('session', examined)).toMatchObject([
      { status: 'skipped', what: expect.stringContaining('the next use renews') },
    ])
    expect(examined.platform.requests).toEqual([])
  })

  it('that was ended elsewhere is a failure, and stays stored', async () => {
    const examined = await session()
    examined.platform.revokeTokens()
    const before = await examined.client.store.read({
      issuer: examined.platform.endpoints.authGateway,
      clientId: 'lanonasis-cli',
      profile: 'default',
    })
    expect(await examine('session', examined)).toMatchObject([
      { status: 'failure', hint: expect.stringContaining('sign in again') },
    ])
    expect(
      await examined.client.store.read({
        issuer: examined.platform.endpoints.authGateway,
        clientId: 'lanonasis-cli',
        profile: 'default',
      }),
    ).toEqual(before)
  })

  it('★14 that belongs to another client is a failure', async () => {
    const platform = platformAt({ limits: false })
    const tokens = await platform.issueTokens({ clientId: 'vscode-extension' })
    const store = memoryStore({ tokens })
    expect(troubles(await examine('session', { platform, client: { store } }))).toMatchObject([
      { status: 'failure', expected: 'lanonasis-cli', hint: expect.stringContaining('of its own') },
    ])
  })

  it('whose end is another one at the gateway is a warning', async () => {
    const platform = platformAt()
    const tokens = await platform.issueTokens()
    const store = memoryStore({ tokens: { ...tokens, expiresAt: tokens.expiresAt + 3_600_000 } })
    expect(troubles(await examine('session', { platform, client: { store } }))).toMatchObject([
      { status: 'warning', expected: new Date(tokens.expiresAt).toISOString() },
    ])
  })

  it('that the gateway cannot be asked about is a warning', async () => {
    const examined = await session()
    examined.platform.order({ match: 'POST /oauth/introspect', action: { status: 503 } })
    expect(await examine('session', examined)).toMatchObject([
      { status: 'warning', what: expect.stringContaining('could not be asked') },
    ])
  })

  it('★1 is not shown to a gateway that a file names', async () => {
    const examined = await session()
    const findings = await examine('session', {
      ...examined,
      client: {
        ...examined.client,
        endpoints: {},
        services: { auth_gateway: 'https://auth.lanonasis.com' },
      },
    })
    expect(findings).toMatchObject([{ status: 'skipped', what: expect.stringContaining('★1') }])
    expect(examined.platform.requests).toEqual([])
  })
})

describe('nobody', () => {
  it('may be signed in', async () => {
    expect(await examine('session')).toEqual([{ status: 'skipped', what: 'Nobody is signed in.' }])
  })

  it('is told of a token of the time before OAuth', async () => {
    const store = memoryStore({ legacyToken: 'header.payload.signature' })
    expect(statuses(await examine('session', { client: { store } }))).toEqual([
      'skipped',
      'warning',
    ])
  })

  it('is signed in any more when the session has ended', async () => {
    const examined = await session()
    examined.platform.clock.advance(lifeMs)
    examined.platform.revokeTokens()
    const { client } = await signedIn({ platform: examined.platform, ...examined.client })
    await client
      .getAccessToken()
      .catch((error) => expect(isAuthError(error, 'session_expired')).toBe(true))
    expect(await examine('session', examined)).toMatchObject([
      { status: 'warning', hint: expect.stringContaining('Sign in again') },
    ])
  })
})

it('what cannot be read is told by another check', async () => {
  const store = { ...memoryStore(), read: () => new Promise<undefined>(() => {}) }
  const findings = await examine('session', { client: { store }, options: { timeoutMs: 20 } })
  expect(statuses(findings)).toEqual(['skipped'])
})
