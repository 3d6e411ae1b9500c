import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RedirectPage } from '../../../src/browser/redirect/page.ts'
import {
  type RedirectFlowOptions,
  redirectFlowIn,
} from '../../../src/browser/redirect/redirect-flow.ts'
import type { LanonasisClientOptions } from '../../../src/client/options.ts'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type { Lock } from '../../../src/lock/lock.ts'
import { memoryLock } from '../../../src/lock/memory-lock.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import type { Platform, PlatformOptions } from '../../../src/testing.ts'
import { deferred, failure, settle } from '../../support/async.ts'
import { clientFor, platformAt } from '../../support/setup.ts'
import { type FakePage, FakeTab } from './fake-page.ts'

const origin = 'https://app.example'
const redirectUri = `${origin}/auth/callback`
const exchanges = 'POST /oauth/token'
const minuteMs = 60_000

afterEach(() => {
  vi.useRealTimers()
})

interface Visit extends RedirectFlowOptions {
  readonly platform?: PlatformOptions
}

/** A person at a tab of a dashboard, and the services. */
function visit({ platform: behaviour, ...options }: Visit = {}) {
  const platform = platformAt({ limits: false, ...behaviour })
  platform.addClient({ clientId: 'my-dashboard', redirectUris: [redirectUri, `${origin}/`] })
  const tab = new FakeTab()
  return {
    platform,
    tab,
    open: (href = `${origin}/projects/5?tab=keys#top`, page?: Partial<RedirectPage>) =>
      openPage({ platform, page: tab.load(href, page), options }),
  }
}

interface Opened {
  readonly platform: Platform
  readonly page: FakePage
  readonly options: RedirectFlowOptions
}

function openPage({ platform, page, options }: Opened) {
  const client = (changes: Partial<LanonasisClientOptions> = {}) =>
    clientFor(platform, {
      clientId: 'my-dashboard',
      login: redirectFlowIn({ window: page.window }, { redirectUri, ...options }),
      ...changes,
    })
  return { page, client }
}

/** Leaves for the sign-in, and does there what a person does. @returns the address that leads back */
async function answerOf(
  { platform, tab, open }: ReturnType<typeof visit>,
  { decline = false, href = undefined as string | undefined, clientOptions = {}, login = {} } = {},
): Promise<string> {
  const { client } = open(href)
  client(clientOptions)
    .login(login)
    .catch(() => {})
  const before = tab.visited.length
  // The first one loads what speaks the protocol, which takes its time on a busy machine.
  await vi.waitFor(() => expect(tab.visited.length).toBeGreaterThan(before), { timeout: 8_000 })
  return platform.signIn(tab.visited.at(-1) ?? '', { decline })
}

describe('a sign-in by redirect', () => {
  it('leaves the page, and is finished by the next one', async () => {
    const returns: string[] = []
    const there = visit({ onReturn: (path) => returns.push(path) })
    const { page, client } = there.open(await answerOf(there))
    const back = client()
    expect(page.href).toBe(redirectUri)
    expect(back.getSnapshot()).toMatchObject({ status: 'loading' })
    expect(await back.completeLogin()).toMatchObject({ status: 'signed-in' })
    expect(await back.getAccessToken()).toHaveLength(64)
    expect(returns).toEqual(['/projects/5?tab=keys#top'])
    expect(there.platform.requestsTo(exchanges)).toMatchObject([
      { body: { redirect_uri: redirectUri, client_id: 'my-dashboard' }, status: 200 },
    ])
  })

  it('makes sure of the API key that the sign-in asked for, when the person is back', async () => {
    const there = visit()
    const apiKey = { name: 'my-dashboard-key', expiresInDays: 7 }
    const store = memoryStore()
    const { client } = there.open(await answerOf(there, { login: { apiKey } }))
    const back = client({ store })
    const [session] = await Promise.all([back.completeLogin(), back.completeLogin()])
    expect(session).toMatchObject({ status: 'signed-in', apiKey: { kind: expect.any(String) } })
    const made = () => there.platform.requestsTo('POST /api/v1/auth/api-keys')
    expect(made().map(({ body }) => body)).toEqual([
      expect.objectContaining({ name: 'my-dashboard-key', expires_in_days: 7 }),
    ])
    await back.completeLogin()
    expect(made()).toHaveLength(1)
  })

  it('leaves the scope to the server where none is asked for', async () => {
    const there = visit()
    const clientOptions = { scope: '' }
    const { client } = there.open(await answerOf(there, { clientOptions }))
    expect(await client(clientOptions).completeLogin()).toMatchObject({ status: 'signed-in' })
    expect(there.platform.requestsTo('GET /oauth/authorize').at(-1)?.query).not.toHaveProperty(
      'scope',
    )
  })

  it('cleans the address again where a router has written it back meanwhile', async () => {
    const there = visit()
    const answer = await answerOf(there)
    const { page, client } = there.open(answer)
    const back = client()
    const { history } = page.window
    history.replaceState(history.state, '', `${answer}#menu`)
    await back.completeLogin()
    expect(page.href).toBe(`${redirectUri}#menu`)
  })

  it('★11 ★12 exchanges with the redirect as it was sent, and without the state', async () => {
    const there = visit({ redirectUri: '/auth/callback' })
    const { client } = there.open(await answerOf(there))
    await client().completeLogin()
    const [request] = there.platform.requestsTo(exchanges)
    expect(request?.body).toMatchObject({ redirect_uri: redirectUri })
    expect(request?.body).not.toHaveProperty('state')
  })

  it('comes back to the page it began on, without its query, unless told otherwise', async () => {
    const there = visit({ redirectUri: undefined })
    const { page, client } = there.open(await answerOf(there, { href: `${origin}/?a=1#/b` }))
    await client().completeLogin()
    expect(page.href).toBe(`${origin}/?a=1#/b`)
  })

  it.each(['//evil.example/a?b=1', '///evil.example/a?b=1'])(
    'returns within its origin, although it began at %s',
    async (path) => {
      const returns: string[] = []
      const there = visit({ onReturn: (path) => returns.push(path) })
      const { page, client } = there.open(await answerOf(there, { href: `${origin}${path}` }))
      await client().completeLogin()
      expect(returns).toEqual(['/evil.example/a?b=1'])
      expect(new URL(returns[0] ?? '', origin).origin).toBe(origin)
      expect(page.href).toBe(redirectUri)
    },
  )

  it('keeps everything that asks for the session waiting until it is finished', async () => {
    const there = visit()
    const callback = await answerOf(there)
    for (const ask of [
      (client: ReturnType<typeof clientFor>) => client.getSession(),
      (client: ReturnType<typeof clientFor>) => client.getAccessToken(),
      (client: ReturnType<typeof clientFor>) => client.refresh(),
      (client: ReturnType<typeof clientFor>) => client.memory.list(),
      (client: ReturnType<typeof clientFor>) => client.login(),
    ]) {
      const again =
        there.platform.requestsTo(exchanges).length === 0 ? callback : await answerOf(there)
      const client = there.open(again).client()
      await ask(client)
      expect(client.getSnapshot().status).toBe('signed-in')
    }
  })

  it('starts by itself for who subscribes', async () => {
    const there = visit()
    const client = there.open(await answerOf(there)).client()
    const signedIn = deferred()
    client.subscribe(() => client.getSnapshot().status === 'signed-in' && signedIn.resolve())
    await signedIn.promise
  })

  it('is over when somebody signs out meanwhile', async () => {
    const there = visit()
    const callback = await answerOf(there)
    const [sent, released] = [deferred(), deferred()]
    const fetch: typeof there.platform.fetch = async (input, init) => {
      if (init?.method === 'POST') sent.resolve()
      await released.promise
      return there.platform.fetch(input, init)
    }
    // So that nothing has to be loaded for the one that counts.
    await there.open().client({ profile: 'another' }).logout()
    const client = there.open(callback).client({ fetch })
    const completed = client.completeLogin()
    await sent.promise
    const left = client.logout()
    await settle()
    released.resolve()
    await Promise.all([completed, left])
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
  })

  it('uses an answer once, however often and by whatever name it is asked for', async () => {
    const there = visit()
    const callback = await answerOf(there)
    const client = there.open(callback).client()
    const all = await Promise.all([
      client.completeLogin(),
      client.completeLogin(callback),
      client.getSession(),
      client.completeLogin(new URL(callback)),
    ])
    expect(new Set(all.map((session) => session?.status))).toEqual(new Set(['signed-in']))
    expect(await client.completeLogin(callback)).toEqual(all[0])
    expect(there.platform.requestsTo(exchanges)).toHaveLength(1)
  })

  it('uses it once although the page makes two clients', async () => {
    const there = visit()
    const { client } = there.open(await answerOf(there))
    const shared = { store: memoryStore(), lock: memoryLock() }
    const [one, two] = [client(shared), client(shared)]
    expect(await Promise.all([one.completeLogin(), two.completeLogin()])).toMatchObject([
      { status: 'signed-in' },
      { status: 'signed-in' },
    ])
    expect(there.platform.requestsTo(exchanges)).toHaveLength(1)
  })

  it('is not lost when the first of two clients was made for nothing', async () => {
    const there = visit()
    const { client } = there.open(await answerOf(there))
    await client().close()
    expect(await client().completeLogin()).toMatchObject({ status: 'signed-in' })
  })

  it('takes an address that the page has seen itself', async () => {
    const there = visit()
    const callback = await answerOf(there)
    const elsewhere = `${origin}/elsewhere?code=of-somebody-else&state=x`
    const { page, client: make } = there.open(elsewhere)
    const client = make()
    expect(await client.completeLogin()).toBeUndefined()
    expect(await client.completeLogin(`${origin}/nothing-here`)).toBeUndefined()
    expect(await client.completeLogin(callback)).toMatchObject({ status: 'signed-in' })
    expect(page.href).toBe(elsewhere)
    expect(await failure(client.completeLogin('not an address'))).toMatchObject({
      code: 'config_invalid',
    })
  })
})

describe('an answer', () => {
  it.each(['?code=1&state=of-somebody-else', '?code=1', '?state=__proto__&code=1', '?error=x'])(
    'of somebody else (%s) stays where it is',
    async (search) => {
      const there = visit()
      await answerOf(there)
      const { page, client } = there.open(`${redirectUri}${search}`)
      const back = client()
      expect(page.href).toBe(`${redirectUri}${search}`)
      expect(await back.completeLogin()).toBeUndefined()
      expect(there.platform.requestsTo(exchanges)).toEqual([])
    },
  )

  it('of another profile stays where it is, and is that one’s', async () => {
    const there = visit()
    const callback = await answerOf(there, { clientOptions: { profile: 'work' } })
    const { page, client } = there.open(callback)
    expect(await client().completeLogin()).toBeUndefined()
    expect(page.href).toBe(callback)
    expect(await failure(client().completeLogin(callback))).toMatchObject({
      code: 'state_mismatch',
    })
    expect(await client({ profile: 'work' }).completeLogin()).toMatchObject({ status: 'signed-in' })
  })

  it.each([
    ['declined', '', 'access_denied'],
    ['of another issuer', '&iss=https%3A%2F%2Fevil.example', 'issuer_mismatch'],
    ['with a second state', '&state=x', 'state_mismatch'],
    ['with a second code', '&code=x', 'invalid_response'],
  ])('that is %s fails, each time, and leaves the address', async (kind, more, code) => {
    const there = visit()
    const decline = kind === 'declined'
    const { page, client } = there.open(`${await answerOf(there, { decline })}${more}`)
    const back = client()
    expect(page.href).toBe(redirectUri)
    expect(await failure(back.completeLogin())).toMatchObject({ code })
    expect(await failure(back.completeLogin())).toMatchObject({ code })
    expect(await back.getSession()).toMatchObject({ status: 'signed-out' })
    expect(there.platform.requestsTo(exchanges)).toEqual([])
  })

  it('that comes after ten minutes is too late', async () => {
    const there = visit()
    const callback = await answerOf(there)
    there.platform.clock.advance(10 * minuteMs + 1)
    const { page, client } = there.open(callback)
    const back = client()
    expect(await failure(back.completeLogin())).toMatchObject({ code: 'login_timeout' })
    expect(page.href).toBe(redirectUri)
    expect([...there.tab.kept.values()].join()).not.toContain('verifier')
  })

  it('whose exchange got no answer is not sent again', async () => {
    const there = visit()
    const callback = await answerOf(there)
    there.platform.order({ match: exchanges, times: 1, action: 'lose-answer' })
    const back = there.open(callback).client()
    const lost = { code: 'network_error', retryable: false }
    expect(await failure(back.completeLogin())).toMatchObject(lost)
    expect(await failure(back.completeLogin(callback))).toMatchObject(lost)
    const reloaded = there.open(redirectUri).client()
    expect(await failure(reloaded.completeLogin())).toMatchObject({ code: 'login_required' })
    expect(await failure(there.open(callback).client().completeLogin())).toMatchObject({
      code: 'login_required',
    })
    expect(there.platform.requestsTo(exchanges)).toHaveLength(1)
  })

  it.each([
    ['came too late', 'timeout'],
    ['was not waited for', 'aborted'],
  ])('whose exchange %s is not sent again', async (_how, code) => {
    const there = visit()
    const callback = await answerOf(there)
    const { client } = there.open(callback)
    const asked = deferred()
    const fetch = () => {
      asked.resolve()
      return new Promise<never>(() => {})
    }
    const back = client({ fetch, timeoutMs: code === 'timeout' ? 20 : 10_000 })
    const completed = failure(back.completeLogin())
    await asked.promise
    if (code === 'aborted') await back.close()
    expect(await completed).toMatchObject({ code, retryable: false })
    expect(await failure(there.open(redirectUri).client().completeLogin())).toMatchObject({
      code: 'login_required',
    })
    expect(there.platform.requestsTo(exchanges)).toEqual([])
  })

  it('whose exchange is refused for now is not sent again, and does not claim to be', async () => {
    const there = visit()
    const callback = await answerOf(there)
    const limited = Response.json({ error: 'x' }, { status: 429, headers: { 'retry-after': '60' } })
    const { client } = there.open(callback)
    const back = client({ fetch: async () => limited })
    const told = { code: 'rate_limited', status: 429, retryAfterMs: 60_000, retryable: false }
    expect(await failure(back.completeLogin())).toMatchObject(told)
    expect(await failure(back.completeLogin())).toMatchObject(told)
    expect([...there.tab.kept.values()].join()).not.toContain('verifier')
  })

  it.each([
    ['nothing longer than before', 1, { status: 'signed-in' }],
    ['nothing more at all', Number.POSITIVE_INFINITY, { code: 'store_unavailable' }],
  ])('leaves the address although the browser takes %s', async (_, refusals, outcome) => {
    const there = visit()
    const callback = await answerOf(there)
    const { sessionStorage } = there.tab.load(callback).window
    let refused = 0
    const full = {
      ...sessionStorage,
      setItem: (name: string, value: string) => {
        refused += 1
        if (refused <= refusals) throw new DOMException('It is full.', 'QuotaExceededError')
        sessionStorage.setItem(name, value)
      },
    }
    const { page, client } = there.open(callback, { sessionStorage: full })
    const back = client()
    expect(page.href).toBe(redirectUri)
    expect(await back.completeLogin().catch((error: unknown) => error)).toMatchObject(outcome)
    // A code whose use cannot be noted is not sent.
    expect(there.platform.requestsTo(exchanges)).toHaveLength(refusals === 1 ? 1 : 0)
  })

  it('is tried again after a lock that was not to be had, because nothing was used', async () => {
    const there = visit()
    const callback = await answerOf(there)
    const { client } = there.open(callback)
    const lock = memoryLock()
    let isFree = false
    const held: Lock = {
      withLock: (name, limits, work) =>
        isFree
          ? lock.withLock(name, limits, work)
          : Promise.reject(new AuthError('lock_timeout', 'Another tab is slow.')),
    }
    const back = client({ lock: held })
    expect(await failure(back.completeLogin())).toMatchObject({ code: 'lock_timeout' })
    isFree = true
    expect(await back.completeLogin()).toMatchObject({ status: 'signed-in' })
  })

  it('that was put away is used after a reload', async () => {
    const there = visit()
    there.open(await answerOf(there)).client()
    const { client } = there.open(redirectUri)
    expect(await client().completeLogin()).toMatchObject({ status: 'signed-in' })
    expect(await there.open(redirectUri).client().completeLogin()).toBeUndefined()
  })

  it('leaves no verifier and no code behind', async () => {
    const there = visit()
    const callback = await answerOf(there)
    await there.open(callback).client().completeLogin()
    const kept = [...there.tab.kept.values()].join()
    expect(kept).not.toContain(new URL(callback).searchParams.get('code'))
    expect(kept).not.toContain('verifier')
  })

  it.each(['', 'null', '[1]', '{"a":1}', '{"a":{"step":"other"}}', '{"a":{"step":"used"}}'])(
    'is not looked for in what others have written there: %s',
    async (text) => {
      const there = visit()
      await answerOf(there)
      for (const name of there.tab.kept.keys()) there.tab.kept.set(name, text)
      const { client } = there.open(`${redirectUri}?code=1&state=a`)
      expect(await client().completeLogin()).toBeUndefined()
    },
  )
})

describe('login of a page', () => {
  it('tells what became of the sign-in before instead of going round in circles', async () => {
    const there = visit()
    const { client } = there.open(await answerOf(there, { decline: true }))
    const back = client()
    expect(await back.getSession()).toMatchObject({ status: 'signed-out' })
    const left = there.tab.visited.length
    expect(await failure(back.login())).toMatchObject({ code: 'access_denied' })
    expect(there.tab.visited).toHaveLength(left)
    back.login().catch(() => {})
    await vi.waitFor(() => expect(there.tab.visited).toHaveLength(left + 1))
  })

  it('goes on at once for who has been told', async () => {
    const there = visit()
    const { client } = there.open(await answerOf(there, { decline: true }))
    const back = client()
    await failure(back.completeLogin())
    const left = there.tab.visited.length
    back.login().catch(() => {})
    await vi.waitFor(() => expect(there.tab.visited).toHaveLength(left + 1))
  })

  it.each([
    ['alive', true, 'login_cancelled'],
    ['for the first time', false, 'pending'],
  ])('is settled when the page is shown %s', async (_how, persisted, end) => {
    const there = visit()
    const { page, client } = there.open()
    const login = client()
      .login()
      .then(
        () => 'signed in',
        ({ code }) => code,
      )
    await vi.waitFor(() => expect(there.tab.visited).toHaveLength(1))
    await settle()
    page.show({ persisted })
    await settle()
    expect(await Promise.race([login, Promise.resolve('pending')])).toBe(end)
    expect(page.listeners).toBe(persisted ? 0 : 1)
  })

  it('holds no lock while the person is away', async () => {
    const there = visit()
    const lock = memoryLock()
    const { client } = there.open()
    for (const times of [1, 2]) {
      client({ lock })
        .login()
        .catch(() => {})
      await vi.waitFor(() => expect(there.tab.visited).toHaveLength(times))
    }
  })

  it('ends with its signal, and with the client', async () => {
    const there = visit()
    const { page, client } = there.open()
    const stop = new AbortController()
    const one = client().login({ signal: stop.signal })
    const closing = client()
    const two = closing.login()
    await vi.waitFor(() => expect(page.listeners).toBe(2))
    stop.abort()
    await closing.close()
    for (const login of [one, two]) expect(await failure(login)).toMatchObject({ code: 'aborted' })
    expect(page.listeners).toBe(0)
  })

  it('ends when the browser does not leave', async () => {
    const there = visit()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { page, client } = there.open()
    const login = failure(client().login())
    while (page.listeners === 0) await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await login).toMatchObject({ code: 'login_timeout' })
  })

  it('ends when the browser refuses to', async () => {
    const navigate = () => {
      throw new DOMException('Not from here.', 'SecurityError')
    }
    const { page, client } = visit({ navigate }).open()
    expect(await failure(client().login())).toMatchObject({ code: 'login_cancelled' })
    expect(page.listeners).toBe(0)
  })

  it('goes there in the way of the application', async () => {
    const urls: string[] = []
    const there = visit({ navigate: (url) => urls.push(url) })
    there
      .open()
      .client()
      .login()
      .catch(() => {})
    await vi.waitFor(() => expect(urls).toHaveLength(1))
    expect(there.tab.visited).toEqual([])
  })

  it('is not begun where the browser keeps nothing', async () => {
    const there = visit()
    there.tab.blocked = true
    const client = there.open(`${redirectUri}?code=1&state=2`).client()
    expect(await client.completeLogin()).toBeUndefined()
    expect(await failure(client.login())).toMatchObject({
      code: 'store_unavailable',
      retryable: false,
      hint: expect.stringContaining('site data'),
    })
    expect(there.tab.visited).toEqual([])
    expect(there.platform.requests).toEqual([])
  })

  it.each([
    ['in a frame', { top: {} }],
    ['over https', { isSecureContext: false }],
  ])('says that it cannot be: %s', async (reason, page) => {
    const there = visit()
    expect(await failure(there.open(undefined, page).client().login())).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(reason.split(' ').at(-1) ?? ''),
    })
    expect(there.platform.requests).toEqual([])
  })

  it('asks nobody where it may not', async () => {
    const there = visit()
    const client = there.open().client({ interaction: 'never' })
    expect(await failure(client.login())).toMatchObject({ code: 'login_required' })
    expect(there.tab.visited).toEqual([])
  })

  it.each(['https://other.example/callback', `${origin}/callback#part`, 'http://'])(
    'refuses to come back to %s',
    async (uri) => {
      const there = visit({ redirectUri: uri })
      expect(await failure(there.open().client().login())).toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('redirectUri'),
      })
    },
  )

  it('★10 has what the gateway refuses as an error, before it leaves', async () => {
    const there = visit()
    there.platform.order({ match: 'GET /oauth/authorize', times: 1, action: { status: 429 } })
    expect(await failure(there.open().client().login())).toMatchObject({ code: 'rate_limited' })
    expect(there.tab.visited).toEqual([])
    expect(there.tab.kept.size).toBe(0)
  })

  it.each(['login_required', 'AUTH_REQUIRED'] as const)(
    'goes to the sign-in page first where the gateway answers %s',
    async (authorize) => {
      const there = visit({ platform: { authorize } })
      const { client } = there.open(await answerOf(there))
      expect(new URL(there.tab.visited[0] ?? '').pathname).toBe('/web/login')
      expect(await client().completeLogin()).toMatchObject({ status: 'signed-in' })
    },
  )

  it('takes a redirect that a page may not look into for one', async () => {
    const there = visit()
    const { fetch } = there.platform
    const opaque: typeof fetch = async (input, init) => {
      expect(init).toMatchObject({ redirect: 'manual', credentials: 'include' })
      await fetch(input, init)
      return Object.defineProperties(new Response(null), {
        type: { value: 'opaqueredirect' },
        status: { value: 0 },
      })
    }
    there
      .open()
      .client({ fetch: opaque })
      .login()
      .catch(() => {})
    await vi.waitFor(() => expect(there.tab.visited).toHaveLength(1))
    expect(new URL(there.tab.visited[0] ?? '').pathname).toBe('/oauth/authorize')
  })

  it('keeps nothing of it when everything of the account is removed', async () => {
    const there = visit()
    await answerOf(there)
    expect(there.tab.kept.size).toBe(1)
    await there.open(`${origin}/`).client().destroy()
    expect(there.tab.kept.size).toBe(0)
  })

  it('forgets sign-ins whose time is over when another begins', async () => {
    const there = visit()
    await answerOf(there)
    const before = [...there.tab.kept.values()].join()
    there.platform.clock.advance(11 * minuteMs)
    await answerOf(there)
    const states = Object.keys(JSON.parse([...there.tab.kept.values()][0] ?? '{}'))
    expect(states).toHaveLength(1)
    expect(before).not.toContain(states[0])
  })
})
