import { describe, expect, it } from 'vitest'
import { createBrowser, createPlatform, type PlatformBrowser } from '../../src/testing.ts'
import { authorizeUrl, redirectUri } from './support.ts'

const ask = (platform: ReturnType<typeof createPlatform>, changes = {}) =>
  platform.fetch(authorizeUrl(platform, changes), { redirect: 'manual' })

describe('authorize without a session', () => {
  it('sends a client whose id contains "cli" to the CLI login, and others to the web login', async () => {
    const platform = createPlatform()
    const cli = await ask(platform)
    const { pathname, search } = authorizeUrl(platform)
    const returnTo = encodeURIComponent(pathname + search)
    expect(cli.status).toBe(302)
    expect(cli.headers.get('location')).toBe(`/auth/cli-login?return_to=${returnTo}`)
    const ide = await ask(platform, { client_id: 'vscode-extension' })
    expect(ide.headers.get('location')).toMatch(/^\/web\/login\?return_to=/)
  })

  it('answers 401 login_required in the generation before', async () => {
    const response = await ask(createPlatform({ authorize: 'login_required' }))
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: 'login_required' })
  })

  it('answers 401 AUTH_REQUIRED with the login page in the generation before that', async () => {
    const response = await ask(createPlatform({ authorize: 'AUTH_REQUIRED' }))
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({
      code: 'AUTH_REQUIRED',
      login_url: 'https://auth.lanonasis.com/web/login',
    })
  })

  it('leaves a person at the JSON of those generations, unless the app sends them to the login page', async () => {
    const platform = createPlatform({ authorize: 'AUTH_REQUIRED' })
    await expect(platform.signIn(authorizeUrl(platform))).rejects.toThrow(/401.*AUTH_REQUIRED/)
    const login = new URL('/web/login', platform.endpoints.authGateway)
    login.searchParams.set('return_to', authorizeUrl(platform).href)
    expect(await platform.signIn(login)).toContain(redirectUri)
  })

  it.each([
    ['response_type', 'token'],
    ['client_id', ''],
    ['redirect_uri', 'not a url'],
    ['code_challenge', 'short'],
    ['code_challenge_method', 'S512'],
  ])('refuses a malformed %s before anything else', async (name, value) => {
    const response = await ask(createPlatform(), { [name]: value })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: 'invalid_request',
      details: { [name]: [expect.any(String)] },
    })
  })
})

describe('authorize with a session', () => {
  it.each([
    ['an unknown client', { client_id: 'nobody' }, 'Unknown client_id'],
    ['a foreign redirect', { redirect_uri: 'https://evil.example/' }, 'Redirect URI not allowed'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'Unsupported code challenge method'],
    ['no challenge', { code_challenge: undefined }, 'code_challenge is required'],
    ['a scope that is announced', { scope: 'mcp:connect' }, 'Requested scope not allowed'],
  ])(
    'shows %s as JSON in the browser, and never to the app (trap 10)',
    async (_, changes, text) => {
      const platform = createPlatform()
      await expect(platform.signIn(authorizeUrl(platform, changes))).rejects.toThrow(text)
    },
  )

  it('lets an IDE ask for mcp:connect', async () => {
    const platform = createPlatform()
    const url = authorizeUrl(platform, { client_id: 'vscode-extension', scope: 'mcp:connect' })
    expect(await platform.signIn(url)).toContain('code=')
  })

  it('adds loopback redirects of a known client on the fly', async () => {
    const platform = createPlatform()
    for (const redirect of [
      'http://127.0.0.1:50123/cb',
      'http://localhost:1/',
      'http://[::1]:9/x',
    ]) {
      const url = authorizeUrl(platform, { redirect_uri: redirect })
      expect(await platform.signIn(url)).toMatch(
        new RegExp(`^${redirect.replace(/[[\]]/g, '\\$&')}`),
      )
    }
  })

  it('refuses a new port for an hour where a client cache stands in front', async () => {
    const platform = createPlatform({ clientCache: true })
    const url = (port: number) =>
      authorizeUrl(platform, { redirect_uri: `http://127.0.0.1:${port}/callback` })
    await platform.signIn(url(8888))
    await expect(platform.signIn(url(8989))).rejects.toThrow('Redirect URI not allowed')
    platform.clock.advance(3_600_000)
    expect(await platform.signIn(url(8989))).toContain('code=')
  })

  it('sends VS Code back to its own scheme', async () => {
    const platform = createPlatform()
    const redirect = 'vscode://lanonasis.mcp-client/callback'
    const url = authorizeUrl(platform, { client_id: 'cursor-extension', redirect_uri: redirect })
    expect(await platform.signIn(url)).toMatch(/^vscode:\/\/lanonasis\.mcp-client\/callback\?code=/)
  })

  it('tells the app when the person declines', async () => {
    const platform = createPlatform()
    const callback = await platform.signIn(authorizeUrl(platform), { decline: true })
    expect(callback).toBe(`${redirectUri}?error=access_denied&state=a-state`)
  })

  it('takes a consent from the person who was asked, once', async () => {
    const platform = createPlatform()
    platform.addUser({ email: 'eve@example.com', password: 'x' })
    const [ada, eve] = [createBrowser(), createBrowser()]
    await platform.signIn(authorizeUrl(platform), { browser: ada })
    await platform.signIn(authorizeUrl(platform), { browser: eve, email: 'eve@example.com' })
    const cookieOf = ({ cookies }: PlatformBrowser) => {
      const session = cookies.get('auth.lanonasis.com')?.get('lanonasis_session')
      return { cookie: `lanonasis_session=${session}` }
    }
    const page = await platform.fetch(authorizeUrl(platform), { headers: cookieOf(ada) })
    const request = /name="request" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    const consent = async (headers: Record<string, string>) => {
      const response = await platform.fetch(`${platform.endpoints.authGateway}/oauth/consent`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ request, decision: 'allow' }),
        redirect: 'manual',
      })
      return response.status
    }
    expect(await consent({})).toBe(400)
    expect(await consent(cookieOf(eve))).toBe(400)
    expect(await consent(cookieOf(ada))).toBe(302)
    expect(await consent(cookieOf(ada))).toBe(400)
  })

  it('asks a signed-in browser for consent only', async () => {
    const platform = createPlatform()
    const browser = createBrowser()
    await platform.signIn(authorizeUrl(platform), { browser })
    platform.requests.length = 0
    await platform.signIn(authorizeUrl(platform), { browser })
    expect(platform.requestsTo('POST *').map(({ path }) => path)).toEqual(['/oauth/consent'])
  })
})

describe('the login page', () => {
  it('refuses a wrong password', async () => {
    const platform = createPlatform()
    const wrong = platform.signIn(authorizeUrl(platform), { password: 'wrong' })
    await expect(wrong).rejects.toThrow(/401.*password is wrong/)
  })

  it.each(['https://evil.example/', '//evil.example/', '/\\evil.example/'])(
    'does not lead to %s',
    async (target) => {
      const platform = createPlatform()
      const login = new URL('/web/login', platform.endpoints.authGateway)
      login.searchParams.set('return_to', target)
      await expect(platform.signIn(login)).rejects.toThrow('another site')
    },
  )

  it('never redirects to another host by a path of two slashes', async () => {
    const platform = createPlatform()
    const login = new URL('/web/login', platform.endpoints.authGateway)
    login.searchParams.set('return_to', 'https://auth.lanonasis.com//evil.example/')
    await expect(platform.signIn(login)).rejects.toThrow(/404/)
    expect(platform.requests.at(-1)?.url).toBe('https://auth.lanonasis.com//evil.example/')
  })

  it('escapes what comes from outside, and runs no script', async () => {
    const platform = createPlatform()
    platform.addClient({ clientId: 'web', name: '<script>alert(1)</script>' })
    const url = new URL('/web/login?return_to=/%22%3E%3Cscript%3E', platform.endpoints.authGateway)
    const page = await platform.fetch(url)
    expect(await page.text()).not.toContain('<script>')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';/)
  })

  it('keeps its session out of reach of scripts', async () => {
    const platform = createPlatform()
    const response = await platform.fetch(`${platform.endpoints.authGateway}/web/login`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'ada@example.com', password: 'correct horse' }),
    })
    expect(response.headers.get('set-cookie')).toMatch(
      /^lanonasis_session=.+; HttpOnly; SameSite=Lax; Secure$/,
    )
  })
})
