import { describe, expect, it, onTestFinished } from 'vitest'
import type { LoginPrompt } from '../../src/index.ts'
import { listenOnLoopback } from '../../src/node/loopback/listener.ts'
import { loopbackFlow } from '../../src/node.ts'
import { deferred, failure } from '../support/async.ts'
import { configPath, readJson } from '../support/directories.ts'
import { rawRequest } from '../support/raw-http.ts'
import { browserFlow, clientOn, served, visit } from './clients.ts'

/** What the browser was sent to. */
function redirectUriOf(url: string): string {
  return new URL(url).searchParams.get('redirect_uri') ?? ''
}

/** That nobody listens there any more. */
async function expectReleased(redirectUri: string): Promise<void> {
  const listener = await listenOnLoopback({ ports: [Number(new URL(redirectUri).port)] })
  await listener.close()
}

describe('a sign-in over real sockets', () => {
  it('★11 names the same redirect URI to authorize and to the token endpoint', async () => {
    const platform = await served()
    const client = clientOn(platform, { path: await configPath() })
    await client.login()
    const asked = platform.requestsTo('GET /oauth/authorize').map(({ query }) => query.redirect_uri)
    const [exchange] = platform.requestsTo('POST /oauth/token')
    expect(exchange?.body?.redirect_uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    expect(new Set(asked)).toEqual(new Set([exchange?.body?.redirect_uri]))
  })

  it('★12 tells the token endpoint nothing of the state, and everything of the verifier', async () => {
    const platform = await served()
    await clientOn(platform, { path: await configPath() }).login()
    const [exchange] = platform.requestsTo('POST /oauth/token')
    expect(Object.keys(exchange?.body ?? {}).sort()).toEqual([
      'client_id',
      'code',
      'code_verifier',
      'grant_type',
      'redirect_uri',
    ])
  })

  it('asks for its scope', async () => {
    const platform = await served()
    const client = clientOn(platform, { path: await configPath() })
    expect(await client.login({ scope: 'memories:read' })).toMatchObject({ scope: 'memories:read' })
    expect(await client.introspect()).toMatchObject({ scope: 'memories:read' })
  })

  it('is not disturbed by a page that guesses at the callback meanwhile', async () => {
    const platform = await served()
    const answers: number[] = []
    const client = clientOn(platform, {
      path: await configPath(),
      login: browserFlow(platform, {
        openUrl: async (url) => {
          const callback = redirectUriOf(url)
          for (const guess of [
            '?code=stolen&state=guess',
            '?error=access_denied',
            '?code=stolen',
          ]) {
            answers.push((await rawRequest(callback + guess)).status)
          }
          await visit(platform, url)
        },
      }),
    })
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
    expect(answers).toEqual([400, 400, 400])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('does not take a code again when the page is reloaded', async () => {
    const platform = await served()
    // Long enough for the second request to arrive before the first one is answered.
    platform.order({ match: 'POST /oauth/token', action: { delayMs: 100 } })
    const callbacks: string[] = []
    const pages: number[] = []
    const client = clientOn(platform, {
      path: await configPath(),
      login: browserFlow(platform, {
        openUrl: async (url) => {
          const callback = await platform.signIn(url)
          callbacks.push(callback)
          const [first, second] = await Promise.all([rawRequest(callback), rawRequest(callback)])
          pages.push(first.status, second.status)
        },
      }),
    })
    await client.login()
    await expect.poll(() => pages.toSorted()).toEqual([200, 400])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    await expectReleased(callbacks[0] ?? '')
  })

  it('shows the person a page that says it worked, and nothing of the code', async () => {
    const platform = await served()
    const page = deferred<string>()
    const client = clientOn(platform, {
      path: await configPath(),
      login: browserFlow(platform, {
        openUrl: async (url) => page.resolve(await (await visit(platform, url)).text()),
      }),
    })
    await client.login()
    const [exchange] = platform.requestsTo('POST /oauth/token')
    expect(await page.promise).toContain('You are signed in')
    expect(await page.promise).not.toContain(exchange?.body?.code)
  })

  it('tells where to sign in, for a person who has to open the page', async () => {
    const platform = await served()
    const prompts: LoginPrompt[] = []
    const client = clientOn(platform, {
      path: await configPath(),
      login: loopbackFlow({ ports: [0], openUrl: () => Promise.reject(new Error('no display')) }),
    })
    await client.login({
      onPrompt: (prompt) => {
        prompts.push(prompt)
        if (prompt.type === 'url') void visit(platform, prompt.url)
      },
    })
    expect(prompts).toMatchObject([
      { type: 'url', opened: false },
      { type: 'waiting', for: 'tokens' },
    ])
  })

  it('lets two programs with the same ports sign in at the same time', async () => {
    const platform = await served()
    const taken = await listenOnLoopback({ ports: [0] })
    const port = Number(new URL(taken.redirectUri).port)
    onTestFinished(() => taken.close())
    const make = async () =>
      clientOn(platform, {
        path: await configPath(),
        login: browserFlow(platform, { ports: [port, 0] }),
      })
    const [one, other] = [await make(), await make()]
    await Promise.all([one.login(), other.login()])
    expect(await one.introspect()).toMatchObject({ active: true })
    expect(await other.introspect()).toMatchObject({ active: true })
  })
})

describe('a sign-in that does not succeed', () => {
  it('is access_denied when the person declines', async () => {
    const platform = await served()
    const path = await configPath()
    const page = deferred<Response>()
    const client = clientOn(platform, {
      path,
      login: browserFlow(platform, {
        openUrl: async (url) => page.resolve(await visit(platform, url, { decline: true })),
      }),
    })
    expect(await failure(client.login())).toMatchObject({
      name: 'AuthError',
      code: 'access_denied',
      retryable: false,
    })
    expect((await page.promise).status).toBe(400)
    expect(await (await page.promise).text()).toContain('declined')
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
  })

  it('★10 is login_timeout with the advice to look at the page, where the gateway says why', async () => {
    const platform = await served()
    const shown = deferred<unknown>()
    const client = clientOn(platform, {
      path: await configPath(),
      // The gateway announces this scope, and refuses it to command lines once the person has signed in.
      scope: 'mcp:connect',
      login: browserFlow(platform, {
        timeoutMs: 2_000,
        openUrl: async (url) => shown.resolve(await failure(platform.signIn(url))),
      }),
    })
    expect(await failure(client.login())).toMatchObject({
      name: 'AuthError',
      code: 'login_timeout',
      hint: expect.stringContaining('browser page'),
    })
    expect(String(await shown.promise)).toContain('invalid_scope')
  })

  it.each([
    ['an unknown client', { error: 'invalid_client' }, 'config_invalid'],
    ['a redirect URI that is not registered', { error: 'invalid_request' }, 'config_invalid'],
    ['a scope it does not know', { error: 'invalid_scope' }, 'insufficient_scope'],
  ])(
    '★10 ends before a browser is opened when the gateway refuses %s',
    async (_name, body, code) => {
      const platform = await served()
      platform.order({ match: 'GET /oauth/authorize', action: { status: 400, body } })
      const opened: string[] = []
      const client = clientOn(platform, {
        path: await configPath(),
        login: browserFlow(platform, {
          openUrl: async (url) => {
            opened.push(url)
          },
        }),
      })
      const error = await failure(client.login())
      expect(error).toMatchObject({ name: 'AuthError', code, retryable: false })
      expect(opened).toEqual([])
      const [asked] = platform.requestsTo('GET /oauth/authorize')
      await expectReleased(asked?.query.redirect_uri ?? '')
    },
  )

  it.each([
    ['is limited', { status: 429, body: {} }, 'rate_limited'],
    ['is down', { status: 503 }, 'service_unavailable'],
    ['answers with a proxy’s page', 'html', 'service_unavailable'],
    ['drops the connection', 'drop', 'network_error'],
  ] as const)(
    'ends before a browser is opened when the gateway %s',
    async (_name, action, code) => {
      const platform = await served()
      platform.order({ match: 'GET /oauth/authorize', action })
      const opened: string[] = []
      const client = clientOn(platform, {
        path: await configPath(),
        login: browserFlow(platform, {
          openUrl: async (url) => {
            opened.push(url)
          },
        }),
      })
      expect(await failure(client.login())).toMatchObject({ code, retryable: true })
      expect(opened).toEqual([])
    },
  )

  it.each([
    ['fails', { status: 500, body: { error: 'server_error' } }, 'server_error'],
    ['is limited', { status: 429, body: {} }, 'rate_limited'],
    ['answers with a proxy’s page', 'html', 'service_unavailable'],
    ['drops the connection', 'drop', 'network_error'],
    ['loses its answer', 'lose-answer', 'network_error'],
    ['is cut off', 'cut-answer', 'network_error'],
    [
      'no longer knows the code',
      { status: 400, body: { error: 'invalid_grant' } },
      'login_required',
    ],
    ['forgets the tokens', { status: 200, body: { token_type: 'Bearer' } }, 'invalid_response'],
  ] as const)(
    'says so in the browser and stores nothing when the exchange %s',
    async (_name, action, code) => {
      const platform = await served()
      platform.order({ match: 'POST /oauth/token', times: 1, action })
      const path = await configPath()
      const page = deferred<string>()
      const client = clientOn(platform, {
        path,
        login: browserFlow(platform, {
          openUrl: async (url) => page.resolve(await (await visit(platform, url)).text()),
        }),
      })
      expect(await failure(client.login())).toMatchObject({ name: 'AuthError', code })
      expect(await page.promise).toContain('did not succeed')
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
      // A code is used once: it is not sent again.
      expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)

      const again = clientOn(platform, { path, login: browserFlow(platform) })
      expect(await again.login()).toMatchObject({ status: 'signed-in' })
    },
  )

  it('leaves the session alone that was there', async () => {
    const platform = await served()
    const path = await configPath()
    await clientOn(platform, { path }).login()
    const before = await readJson(path)
    const client = clientOn(platform, {
      path,
      login: browserFlow(platform, { person: { decline: true } }),
    })
    await failure(client.login())
    expect(await readJson(path)).toEqual(before)
    expect(await client.introspect()).toMatchObject({ active: true })
  })

  it.each(['signal', 'close'] as const)(
    'ends at once when it is cancelled (%s), and releases the port',
    async (by) => {
      const platform = await served()
      const opened = deferred<string>()
      const client = clientOn(platform, {
        path: await configPath(),
        login: browserFlow(platform, { openUrl: async (url) => opened.resolve(url) }),
      })
      const controller = new AbortController()
      const login = failure(client.login({ signal: controller.signal }))
      const redirectUri = redirectUriOf(await opened.promise)
      if (by === 'signal') controller.abort()
      else void client.close()
      expect(await login).toMatchObject({ name: 'AuthError', code: 'aborted' })
      await expectReleased(redirectUri)
      expect(platform.requestsTo('POST /oauth/token')).toEqual([])
    },
  )

  it('ends when it is cancelled while the code is exchanged', async () => {
    const platform = await served()
    platform.order({ match: 'POST /oauth/token', action: 'hang' })
    const client = clientOn(platform, { path: await configPath() })
    const controller = new AbortController()
    const login = failure(client.login({ signal: controller.signal }))
    await expect.poll(() => platform.requestsTo('POST /oauth/token').length).toBe(1)
    controller.abort()
    expect(await login).toMatchObject({ code: 'aborted' })
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
  })

  it('never begins where nobody may be asked', async () => {
    const platform = await served()
    const client = clientOn(platform, { path: await configPath(), interaction: 'never' })
    expect(await failure(client.login())).toMatchObject({ code: 'login_required' })
    expect(platform.requests).toEqual([])
  })
})
