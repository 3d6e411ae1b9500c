import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { redirectFlowIn } from '../../src/browser/redirect/redirect-flow.ts'
import { AuthClient, type AuthClientOptions, type LoginPrompt } from '../../src/index.ts'
import { deviceFlow, fileStore, loopbackFlow, pasteFlow } from '../../src/node.ts'
import { FakeTab } from '../browser/redirect-flow/fake-page.ts'
import { failure } from '../support/async.ts'
import { configPath, readJson } from '../support/directories.ts'
import { type OidcServer, startOidcServer } from '../support/oidc-provider.ts'
import { startSink } from '../support/sink.ts'

/** A client of another server than Lanonasis, with its credentials in a file. */
async function clientOf(server: OidcServer, options: Partial<AuthClientOptions> = {}) {
  const path = await configPath()
  const opened: string[] = []
  const client = new AuthClient({
    clientId: 'my-app',
    issuer: server.issuer,
    store: fileStore({ path }),
    login: loopbackFlow({
      openUrl: async (url) => {
        opened.push(url)
        await fetch(await server.signIn(url))
      },
    }),
    ...options,
  })
  onTestFinished(() => client.close())
  return { client, path, opened }
}

/** The tokens in the file. */
async function storedTokens(path: string): Promise<Record<string, string>> {
  const { accounts } = (await readJson(path)).auth
  const [account] = Object.values<{ tokens: Record<string, string> }>(accounts)
  return account?.tokens ?? {}
}

async function postForm(url: string, fields: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
}

describe('a client of another authorization server', () => {
  it('signs in, renews, asks about tokens and signs out', async () => {
    const server = await startOidcServer()
    const { client, path } = await clientOf(server)

    expect(await client.login()).toMatchObject({
      status: 'signed-in',
      scope: 'memories:read memories:write',
      expiresAt: expect.any(Number),
    })
    const token = await client.getAccessToken()
    const before = await storedTokens(path)
    expect(before).toMatchObject({ access_token: token, issuer: server.issuer })
    expect(await client.introspect()).toMatchObject({ active: true, clientId: 'my-app' })

    await client.refresh()
    const renewed = await client.getAccessToken()
    expect(renewed).not.toBe(token)
    const after = await storedTokens(path)
    expect(after.access_token).toBe(renewed)
    expect(after.refresh_token).not.toBe(before.refresh_token)
    expect(await client.introspect()).toMatchObject({ active: true })

    expect(await client.logout()).toEqual({ revoked: true })
    expect(await client.introspect(renewed)).toEqual({ active: false })
    expect(await client.introspect(after.refresh_token)).toEqual({ active: false })
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    expect(JSON.stringify(await readJson(path))).not.toContain(renewed)
  })

  it('sends forms only: standard servers take nothing else', async () => {
    const server = await startOidcServer()
    const { client } = await clientOf(server)
    await client.login()
    await client.refresh()
    await client.introspect()
    await client.logout()
    for (const path of ['/token', '/token/introspection', '/token/revocation']) {
      const types = server.requestsTo(path).map(({ contentType }) => contentType)
      expect(types).not.toEqual([])
      expect(types.filter((type) => !type?.startsWith('application/x-www-form-urlenc'))).toEqual([])
    }
  })

  it('is refused when it is told to send JSON there', async () => {
    const server = await startOidcServer()
    const { client } = await clientOf(server, { tokenRequestFormat: 'json' })
    expect(await failure(client.login())).toMatchObject({ name: 'AuthError', status: 400 })
  })

  it('asks for the metadata once', async () => {
    const server = await startOidcServer()
    const { client } = await clientOf(server)
    await client.login()
    await client.refresh()
    const metadata = server.requests.filter(({ path }) => path.startsWith('/.well-known/'))
    expect(metadata).toHaveLength(1)
  })

  it.each(['not found', 'page'] as const)(
    'finds a server that has OpenID Connect metadata only (%s)',
    async (metadata) => {
      const server = await startOidcServer({ metadata })
      const { client } = await clientOf(server)
      expect(await client.login()).toMatchObject({ status: 'signed-in' })
    },
  )

  it('takes an ID token along without making anything of it', async () => {
    const server = await startOidcServer()
    const { client } = await clientOf(server, { scope: 'openid memories:read' })
    expect(await client.login()).toMatchObject({ scope: 'openid memories:read' })
    const answer = await client.fetch(`${server.issuer}/me`)
    expect(await answer.json()).toEqual({ sub: 'ada' })
  })

  it('★11 names the same redirect URI in both requests, on a port of the moment', async () => {
    const server = await startOidcServer()
    const { client, opened } = await clientOf(server)
    // The server compares them, as RFC 6749 §4.1.3 asks.
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
    const { searchParams } = new URL(opened[0] ?? '')
    expect(searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    expect(searchParams.get('code_challenge_method')).toBe('S256')
  })

  it('★7 sends its tokens to that server, and to no other origin', async () => {
    const server = await startOidcServer()
    const sink = await startSink()
    const { client } = await clientOf(server)
    await client.login()
    expect(await failure(client.fetch(`${sink.origin}/`))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(sink.requests).toEqual([])
  })

  it('sends its tokens to the resources it was told of', async () => {
    const server = await startOidcServer()
    const resource = await startSink()
    const { client } = await clientOf(server, { resources: [resource.origin] })
    await client.login()
    expect((await client.fetch(`${resource.origin}/data`)).status).toBe(200)
    expect(resource.requests).toEqual(['GET /data'])
  })
})

describe('a refresh token that rotates', () => {
  it('★13 ends the session when its predecessor was used again: the server gives up the family', async () => {
    const server = await startOidcServer()
    const { client, path } = await clientOf(server)
    await client.login()
    const { refresh_token: stolen = '' } = await storedTokens(path)
    await client.refresh()

    const replay = await postForm(`${server.issuer}/token`, {
      grant_type: 'refresh_token',
      refresh_token: stolen,
      client_id: 'my-app',
    })
    expect(await replay.json()).toMatchObject({ error: 'invalid_grant' })

    expect(await failure(client.refresh())).toMatchObject({ code: 'session_expired' })
    expect(await client.getSession()).toMatchObject({ status: 'expired' })
  })

  it('is not sent again after it was refused', async () => {
    const server = await startOidcServer()
    const { client, path } = await clientOf(server)
    await client.login()
    const { refresh_token: token = '' } = await storedTokens(path)
    await postForm(`${server.issuer}/token/revocation`, { token, client_id: 'my-app' })

    expect(await failure(client.refresh())).toMatchObject({ code: 'session_expired' })
    const asked = server.requestsTo('/token').length
    for (const work of [() => client.getAccessToken(), () => client.refresh()]) {
      expect(await failure(work())).toMatchObject({ code: 'session_expired' })
    }
    expect(server.requestsTo('/token')).toHaveLength(asked)
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
  })
})

describe('who an answer comes from', () => {
  it('is checked where the server says it', async () => {
    const server = await startOidcServer({ iss: 'sent' })
    const { client } = await clientOf(server)
    const metadata = await fetch(`${server.issuer}/.well-known/openid-configuration`)
    expect(await metadata.json()).toMatchObject({
      authorization_response_iss_parameter_supported: true,
    })
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
  })

  it('need not be said by a server that does not know how', async () => {
    const server = await startOidcServer({ iss: 'unknown' })
    const { client } = await clientOf(server)
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
  })

  it.each(['missing', 'another'] as const)(
    'ends the sign-in, without a token request, when it is %s',
    async (iss) => {
      const server = await startOidcServer({ iss })
      const { client } = await clientOf(server)
      expect(await failure(client.login())).toMatchObject({
        name: 'AuthError',
        code: 'issuer_mismatch',
      })
      expect(server.requestsTo('/token')).toEqual([])
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    },
  )

  it('is compared letter by letter with the metadata’s own issuer', async () => {
    const server = await startOidcServer()
    const { client } = await clientOf(server, {
      issuer: server.issuer.replace('127.0.0.1', 'localhost'),
    })
    expect(await failure(client.login())).toMatchObject({ code: 'issuer_mismatch' })
    expect(server.requestsTo('/token')).toEqual([])
  })
})

describe('what the server refuses before a browser is opened', () => {
  it.each([
    ['an unknown client', { clientId: 'nobody' }, 'config_invalid'],
    ['a scope that the client may not ask for', { clientId: 'my-reader' }, 'insufficient_scope'],
  ] as const)('%s', async (_name, options, code) => {
    const server = await startOidcServer()
    const { client, opened } = await clientOf(server, options)
    expect(await failure(client.login())).toMatchObject({ name: 'AuthError', code })
    expect(opened).toEqual([])
  })

  it('a redirect URI that is not registered', async () => {
    const server = await startOidcServer()
    const opened: string[] = []
    const { client } = await clientOf(server, {
      login: {
        name: 'elsewhere',
        canRun: () => ({ ok: true }),
        run: async ({ authorize }) => {
          const request = await authorize({ redirectUri: 'http://127.0.0.1:4711/elsewhere' })
          opened.push(request.url)
          return request.finish(new URL(request.url))
        },
      },
    })
    expect(await failure(client.login())).toMatchObject({ code: 'config_invalid' })
    expect(opened).toEqual([])
  })
})

describe('a device at another authorization server', () => {
  /** A sign-in of a device; the person answers as soon as the code is shown. */
  async function onDevice({ decline = false, byHand = false } = {}) {
    const server = await startOidcServer()
    const { client } = await clientOf(server, { login: deviceFlow() })
    const pages: Promise<string>[] = []
    const prompts: LoginPrompt[] = []
    const login = client.login({
      onPrompt: (prompt) => {
        prompts.push(prompt)
        if (prompt.type !== 'device-code') return
        const page = byHand ? prompt.url : (prompt.urlComplete ?? prompt.url)
        pages.push(server.answerDevice(page, { decline, userCode: prompt.userCode }))
      },
    })
    return { server, client, login, pages, prompts }
  }

  it('signs in, and renews at the token endpoint like every other', async () => {
    const { client, login, server, prompts } = await onDevice()
    expect(await login).toMatchObject({
      status: 'signed-in',
      scope: 'memories:read memories:write',
      tokenKind: 'opaque',
    })
    expect(prompts).toMatchObject([
      { type: 'device-code', url: `${server.issuer}/device`, userCode: expect.any(String) },
      { type: 'waiting', for: 'approval' },
    ])
    expect(await client.introspect()).toMatchObject({ active: true, clientId: 'my-app' })
    await client.refresh()
    expect(await client.introspect()).toMatchObject({ active: true })
  })

  it('signs in with a code that is typed', async () => {
    expect(await (await onDevice({ byHand: true })).login).toMatchObject({ status: 'signed-in' })
  })

  it('is declined when the person declines', async () => {
    const { login } = await onDevice({ decline: true })
    expect(await failure(login)).toMatchObject({ name: 'AuthError', code: 'access_denied' })
  })

  it('is refused a scope that the client may not ask for', async () => {
    const server = await startOidcServer()
    const { client } = await clientOf(server, { login: deviceFlow(), clientId: 'my-reader' })
    expect(await failure(client.login({ onPrompt: () => {} }))).toMatchObject({
      code: 'insufficient_scope',
    })
  })
})

describe('an answer that is pasted', () => {
  async function pasting(iss: 'sent' | 'unknown', texts: (callback: URL) => readonly string[]) {
    const server = await startOidcServer({ iss })
    const problems: unknown[] = []
    let left: readonly string[] | undefined
    const { client } = await clientOf(server, {
      login: pasteFlow({ readLine: false, ports: [0] }),
    })
    const session = await client.login({
      onPrompt: async (prompt) => {
        if (prompt.type !== 'paste') return
        if (prompt.problem !== undefined) problems.push(prompt.problem)
        left ??= texts(new URL(await server.signIn(prompt.url)))
        const [next, ...rest] = left
        left = rest
        prompt.submit(next ?? '')
      },
    })
    return { session, problems }
  }
  const code = (callback: URL) => callback.searchParams.get('code') ?? ''

  it('may be the code alone where the server does not say who it is', async () => {
    const { session, problems } = await pasting('unknown', (callback) => [code(callback)])
    expect(session).toMatchObject({ status: 'signed-in' })
    expect(problems).toEqual([])
  })

  it('has to be whole where the server promises to say who it is', async () => {
    const { session, problems } = await pasting('sent', (callback) => [
      code(callback),
      callback.href,
    ])
    expect(session).toMatchObject({ status: 'signed-in' })
    expect(problems).toEqual(['address-needed'])
  })
})

describe('a page that leaves for another authorization server', () => {
  /** Leaves, and comes back to a new life of the page. */
  async function comeBack(server: OidcServer) {
    const tab = new FakeTab()
    const clientOn = (href: string) => {
      const { window } = tab.load(href)
      const client = new AuthClient({
        clientId: 'my-app',
        issuer: server.issuer,
        login: redirectFlowIn({ window }, {}),
      })
      onTestFinished(() => client.close())
      return client
    }
    const leaving = clientOn('http://127.0.0.1:5173/callback')
    leaving.login().catch(() => {})
    await vi.waitFor(() => expect(tab.visited).toHaveLength(1), { timeout: 10_000 })
    const [url = ''] = tab.visited
    // Only the gateway takes such a request from a page (RFC 9700 §4.18.2).
    expect(server.requestsTo('/auth')).toEqual([])
    return clientOn(await server.signIn(url))
  }

  it.each(['sent', 'unknown'] as const)(
    'is signed in when it is back (who the answer comes from is %s)',
    async (iss) => {
      const client = await comeBack(await startOidcServer({ iss }))
      expect(await client.completeLogin()).toMatchObject({ status: 'signed-in' })
    },
  )

  it.each(['missing', 'another'] as const)(
    'sends no code when who the answer comes from is %s',
    async (iss) => {
      const server = await startOidcServer({ iss })
      const client = await comeBack(server)
      expect(await failure(client.completeLogin())).toMatchObject({ code: 'issuer_mismatch' })
      expect(server.requestsTo('/token')).toEqual([])
    },
  )
})
