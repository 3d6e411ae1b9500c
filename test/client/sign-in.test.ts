import { describe, expect, it } from 'vitest'
import { AuthClient } from '../../src/client/auth-client.ts'
import type { LoginFlow, LoginPrompt } from '../../src/login/flow.ts'
import type { Session } from '../../src/session/session.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { TokenStore } from '../../src/store/store.ts'
import type { Platform } from '../../src/testing.ts'
import { deferred, failure, settle } from '../support/async.ts'
import { fakeFetch, json } from '../support/fetches.ts'
import { clientFor, epoch, lifeMs, personFlow, platformAt, signedIn } from '../support/setup.ts'
import { observedStore } from '../support/stores.ts'

const scope = 'memories:read memories:write'

const signInIdOf = (session: Session) =>
  session.status === 'signed-in' ? session.signInId : undefined

describe('login', () => {
  it('signs a person in, and has stored it when it returns', async () => {
    const platform = platformAt()
    const store = memoryStore()
    const client = clientFor(platform, { store, login: personFlow(platform) })
    const session = await client.login()
    expect(session).toEqual({
      status: 'signed-in',
      legacy: false,
      tokenKind: 'opaque',
      signInId: expect.any(String),
      scope,
      expiresAt: epoch + lifeMs,
      refreshExpiresAt: epoch + 30 * 24 * 3_600_000,
    })
    expect(await clientFor(platform, { store }).getSession()).toEqual(session)
    expect(platform.requests.every(({ headers }) => !('x-api-key' in headers))).toBe(true)
  })

  it('is told from every other one by an id that the renewals of its session keep', async () => {
    const platform = platformAt()
    const client = clientFor(platform, { login: personFlow(platform) })
    const first = { signInId: signInIdOf(await client.login()) }
    await client.refresh()
    expect(await client.getSession()).toMatchObject(first)
    await client.logout()
    expect(await client.getSession()).not.toHaveProperty('signInId')
    expect(await client.login()).not.toMatchObject(first)
  })

  it.each(['redirect', 'login_required', 'AUTH_REQUIRED'] as const)(
    'works on a gateway that answers %s to who is not signed in',
    async (authorize) => {
      const platform = platformAt({ authorize })
      const client = clientFor(platform, { login: personFlow(platform) })
      expect((await client.login()).status).toBe('signed-in')
    },
  )

  it('asks for the scope of the client, of the call, or the two that every client may have', async () => {
    const platform = platformAt({ limits: false })
    const login = personFlow(platform)
    const asked = () => platform.requestsTo('GET /oauth/authorize').at(-1)?.query.scope
    await clientFor(platform, { login }).login()
    expect(asked()).toBe(scope)
    const client = clientFor(platform, { login, scope: 'memories:read' })
    expect((await client.login()).status === 'signed-in' && asked()).toBe('memories:read')
    expect(await client.login({ scope: 'memories:write' })).toMatchObject({
      scope: 'memories:write',
    })
  })

  it('makes sure of an API key as well, when it is asked to', async () => {
    const platform = platformAt()
    const client = clientFor(platform, { login: personFlow(platform) })
    const session = await client.login({ apiKey: { name: 'my-laptop' } })
    expect(session.apiKey).toMatchObject({ kind: 'lano' })
    expect(platform.apiKeys.map(({ name }) => name)).toEqual(['my-laptop'])
  })

  it('keeps the API key that was there', async () => {
    const platform = platformAt()
    const store = memoryStore({ apiKey: 'pk_1.sk_2' })
    const client = clientFor(platform, { store, login: personFlow(platform) })
    expect((await client.login()).apiKey).toEqual({ publicId: 'pk_1', kind: 'pk' })
  })

  it('is declined when the person declines', async () => {
    const platform = platformAt()
    const client = clientFor(platform, { login: personFlow(platform, { decline: true }) })
    expect(await failure(client.login())).toMatchObject({ code: 'access_denied' })
    expect((await client.getSession()).status).toBe('signed-out')
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })

  it('asks nobody where it may not', async () => {
    const platform = platformAt()
    const login: LoginFlow = {
      name: 'forbidden',
      canRun: () => Promise.reject(new Error('A flow was asked.')),
      run: () => Promise.reject(new Error('A flow was run.')),
    }
    const client = clientFor(platform, { login, interaction: 'never' })
    expect(await failure(client.login())).toMatchObject({ code: 'login_required' })
    expect(platform.requests).toEqual([])
  })

  it('says that the client has no flow', async () => {
    expect(await failure(clientFor(platformAt()).login())).toMatchObject({ code: 'config_invalid' })
  })

  it('leaves the session as it was when it fails', async () => {
    const { client, tokens } = await signedIn({
      login: {
        name: 'failing',
        canRun: () => ({ ok: true }),
        run: () => Promise.reject(new Error('no')),
      },
    })
    expect(await failure(client.login())).toMatchObject({ message: 'no' })
    expect(await client.getAccessToken()).toBe(tokens.accessToken)
  })

  it('fails when the tokens cannot be stored, and gives them back', async () => {
    const platform = platformAt()
    const { store, fail } = observedStore(memoryStore())
    const client = clientFor(platform, { store, login: personFlow(platform) })
    fail.commits = true
    expect(await failure(client.login())).toMatchObject({ code: 'store_unavailable' })
    expect(platform.requestsTo('POST /oauth/revoke').map(({ status }) => status)).toContain(200)
  })

  it.each([1, 2])(
    'ends when it is cancelled, though the store does not answer: read %i',
    async (silent) => {
      const platform = platformAt()
      const { read, ...rest } = memoryStore()
      const stop = new AbortController()
      let reads = 0
      const store: TokenStore = {
        ...rest,
        read(key) {
          reads += 1
          if (reads < silent) return read(key)
          stop.abort()
          return new Promise(() => {})
        },
      }
      const client = clientFor(platform, { store, login: personFlow(platform) })
      const login = client.login({ signal: stop.signal })
      expect(await failure(login)).toMatchObject({ code: 'aborted' })
      expect(platform.requests).toEqual([])
    },
    5_000,
  )

  /** A flow that waits until it is let go, and how often it ran. */
  function heldFlow(platform: Platform) {
    const gate = deferred()
    const started = deferred()
    const person = personFlow(platform)
    const scopes: string[] = []
    const login: LoginFlow = {
      ...person,
      async run(context) {
        scopes.push((await context.authorize({ redirectUri: 'http://127.0.0.1:8989/x' })).url)
        started.resolve()
        await gate.promise
        return person.run(context)
      },
    }
    return { login, gate, started: started.promise, runs: () => scopes.length }
  }

  it('is one for all who ask for the same at once, over all clients on one store', async () => {
    const platform = platformAt({ limits: false })
    const store = memoryStore()
    const { login, gate, started, runs } = heldFlow(platform)
    const clients = [clientFor(platform, { store, login }), clientFor(platform, { store, login })]
    const all = [...clients, ...clients].map((client) => client.login())
    await started
    gate.resolve()
    const sessions = await Promise.all(all)
    expect(runs()).toBe(1)
    expect(new Set(sessions.map(({ status }) => status))).toEqual(new Set(['signed-in']))
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('is another one for another scope, after the first', async () => {
    const platform = platformAt({ limits: false })
    const { login, gate, started, runs } = heldFlow(platform)
    const client = clientFor(platform, { login, scope: 'memories:read' })
    const first = client.login()
    await started
    const second = client.login({ scope: 'memories:read memories:write' })
    await settle()
    expect(runs()).toBe(1)
    gate.resolve()
    expect(await first).toMatchObject({ scope: 'memories:read' })
    expect(await second).toMatchObject({ scope: 'memories:read memories:write' })
    expect(runs()).toBe(2)
  })

  it('is another one for less, too: nobody gets more than was asked for', async () => {
    const platform = platformAt({ limits: false })
    const { login, gate, started, runs } = heldFlow(platform)
    const client = clientFor(platform, { login, scope: 'memories:read memories:write' })
    const first = client.login()
    await started
    const second = client.login({ scope: 'memories:read' })
    gate.resolve()
    await first
    expect(await second).toMatchObject({ scope: 'memories:read' })
    expect(runs()).toBe(2)
  })

  it('is joined by one that leaves the scope to the server', async () => {
    const platform = platformAt({ limits: false })
    const { login, gate, started, runs } = heldFlow(platform)
    const client = clientFor(platform, { login, scope: 'memories:read' })
    const first = client.login()
    await started
    const second = client.login({ scope: '' })
    gate.resolve()
    expect(await Promise.all([first, second])).toMatchObject([
      { scope: 'memories:read' },
      { scope: 'memories:read' },
    ])
    expect(runs()).toBe(1)
  })

  it('tells who waits for another one, and fails for them when they cannot be told', async () => {
    const platform = platformAt({ limits: false })
    const { login, gate, started } = heldFlow(platform)
    const client = clientFor(platform, { login })
    const first = client.login()
    await started
    const told = deferred<LoginPrompt>()
    const second = client.login({ onPrompt: told.resolve })
    const mistake = new TypeError('This user interface is broken.')
    const third = client.login({
      onPrompt: () => {
        throw mistake
      },
    })
    expect(await failure(third)).toBe(mistake)
    expect(await told.promise).toEqual({ type: 'waiting', for: 'another-sign-in' })
    gate.resolve()
    expect(await Promise.all([first, second])).toMatchObject([
      { status: 'signed-in' },
      { status: 'signed-in' },
    ])
  })

  it('passes prompts on to who listens, and tells a flow whether anybody does', async () => {
    const asked: boolean[] = []
    const login: LoginFlow = {
      name: 'asking',
      canRun: ({ canPrompt }) => {
        asked.push(canPrompt)
        return canPrompt ? { ok: true } : { ok: false, reason: 'nobody listens' }
      },
      run: ({ prompt }) => {
        prompt({ type: 'url', url: 'https://auth.lanonasis.com', opened: true, expiresAt: epoch })
        return Promise.reject(new Error('enough'))
      },
    }
    const client = clientFor(platformAt(), { login })
    expect(await failure(client.login())).toMatchObject({ code: 'config_invalid' })
    const prompts: LoginPrompt[] = []
    await failure(client.login({ onPrompt: (prompt) => prompts.push(prompt) }))
    expect(asked).toEqual([false, true])
    expect(prompts).toMatchObject([{ type: 'url' }])
  })

  it.each(['abort', 'close'] as const)('ends at %s, and so does its flow', async (how) => {
    const started = deferred()
    const login: LoginFlow = {
      name: 'waiting',
      canRun: () => ({ ok: true }),
      run: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          started.resolve()
        }),
    }
    const client = clientFor(platformAt(), { login })
    const controller = new AbortController()
    const waiting = failure(client.login({ signal: controller.signal }))
    await started.promise
    if (how === 'abort') controller.abort()
    else await client.close()
    await waiting
    if (how === 'close') {
      expect(await failure(client.login())).toMatchObject({ code: 'aborted' })
    }
  })
})

describe('staging and production in one store', () => {
  it('★3 are two issuers: neither sees or overwrites the tokens of the other', async () => {
    const platform = platformAt({ limits: false })
    const staging = platformAt({
      limits: false,
      endpoints: { authGateway: 'https://auth.lanonasis.com:3005' },
    })
    const store = memoryStore()
    const one = clientFor(platform, { store, login: personFlow(platform) })
    const two = clientFor(platform, {
      store,
      endpoints: undefined,
      environment: 'staging',
      fetch: staging.fetch,
      login: personFlow(staging),
    })
    await one.login()
    const token = await one.getAccessToken()
    expect(await failure(two.getAccessToken())).toMatchObject({ code: 'login_required' })
    await two.login()
    expect(await two.getAccessToken()).not.toBe(token)
    expect(await one.getAccessToken()).toBe(token)
    await two.logout()
    expect(await clientFor(platform, { store }).getAccessToken()).toBe(token)
  })

  it('★3 never get the token of the other', async () => {
    const { client, platform } = await signedIn()
    expect(
      await failure(client.fetch('https://auth.lanonasis.com:3005/v1/auth/introspect')),
    ).toMatchObject({ code: 'origin_not_allowed' })
    expect(platform.requests).toEqual([])
  })
})

describe('a client for any other server', () => {
  it.each(['http://id.example.com/x', '/x', 5])(
    'sends nothing to an address of its metadata that cannot be trusted, and says so: %s',
    async (address) => {
      const issuer = 'https://id.example.com'
      const { fetch, sent } = fakeFetch(({ url }) => {
        if (!url.includes('.well-known')) return json(200, {})
        const names = ['authorization', 'token', 'revocation', 'introspection']
        const endpoints = names.map((name) => [`${name}_endpoint`, address])
        const device = { device_authorization_endpoint: address }
        return json(200, { issuer, ...Object.fromEntries(endpoints), ...device })
      })
      const tokens = { accessToken: 'access-0', refreshToken: 'refresh-0', expiresAt: epoch }
      const client = new AuthClient({
        clientId: 'my-app',
        issuer,
        fetch,
        now: () => epoch,
        store: memoryStore({ tokens }),
        login: {
          name: 'direct',
          canRun: () => ({ ok: true }),
          run: async ({ authorize, device }) => {
            const started = await failure(device.start({}))
            expect(started).toMatchObject({ code: 'config_invalid' })
            return (await authorize({ redirectUri: 'http://127.0.0.1/cb' })).finish(new URL(issuer))
          },
        },
      })
      expect(await failure(client.login())).toMatchObject({ code: 'config_invalid' })
      expect(await failure(client.introspect())).toMatchObject({ code: 'config_invalid' })
      expect(await failure(client.getAccessToken())).toMatchObject({
        code: 'refresh_failed',
        retryable: false,
        hint: expect.stringContaining('https'),
      })
      expect(await client.logout()).toMatchObject({ revoked: false, alive: ['tokens'] })
      expect((await client.getSession()).status).toBe('signed-out')
      expect(sent.every(({ url }) => url.includes('.well-known'))).toBe(true)
    },
  )

  it('finds it by its metadata, and sends its tokens to it and to the resources that are named', async () => {
    const issuer = 'https://id.example.com'
    const api = 'https://api.example.com'
    const seen: string[] = []
    const client = new AuthClient({
      clientId: 'my-app',
      issuer,
      resources: [api],
      now: () => epoch,
      fetch: async (input, init) => {
        const { url, headers } = new Request(input, init)
        seen.push(`${url} ${headers.get('authorization')}`)
        if (url.includes('.well-known')) {
          return Response.json({
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
          })
        }
        if (url === `${issuer}/token`) {
          return Response.json({ access_token: 'theirs', token_type: 'bearer', expires_in: 60 })
        }
        return new Response('ok')
      },
      login: {
        name: 'direct',
        canRun: () => ({ ok: true }),
        async run({ authorize }) {
          const { state, finish } = await authorize({ redirectUri: 'http://127.0.0.1/cb' })
          return finish(new URL(`http://127.0.0.1/cb?code=1&state=${state}`))
        },
      },
    })
    await client.login()
    await client.fetch(`${api}/me`)
    expect(seen.at(-1)).toBe(`${api}/me Bearer theirs`)
    expect(await failure(client.fetch('https://mcp.lanonasis.com/'))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(seen.filter((line) => line.includes('.well-known'))).toHaveLength(1)
  })
})
