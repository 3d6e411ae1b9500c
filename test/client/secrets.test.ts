import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { ClientEvents } from '../../src/client/events.ts'
import type { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { FaultAction, Platform } from '../../src/testing.ts'
import { withQuickTimers } from '../support/async.ts'
import { clientFor, lifeMs, personFlow, platformAt } from '../support/setup.ts'

const secretFields = new Set([
  'access_token',
  'refresh_token',
  'code',
  'code_verifier',
  'key',
  'key_secret',
  'token',
  'accessToken',
  'refreshToken',
])

/** A platform whose secrets are all known: those of its answers, and those of our requests. */
function watched(platform: Platform) {
  const secrets = new Set<string>()
  const note = (name: string, value: unknown): void => {
    if (typeof value === 'string' && secretFields.has(name) && value.length > 12) secrets.add(value)
    if (typeof value === 'object' && value !== null) {
      for (const [inner, field] of Object.entries(value)) note(inner, field)
    }
  }
  const fetch: Platform['fetch'] = async (input, init) => {
    const request = new Request(input, init)
    note('', parse(await request.clone().text()))
    for (const name of ['authorization', 'x-api-key', 'cookie', 'x-csrf-token']) {
      const value = request.headers.get(name)?.split(/[ =]/).at(-1)
      if (value !== undefined) secrets.add(value)
    }
    const response = await platform.fetch(request)
    note(
      '',
      parse(
        await response
          .clone()
          .text()
          .catch(() => ''),
      ),
    )
    return response
  }
  return { fetch, secrets, note }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return Object.fromEntries(new URLSearchParams(text))
  }
}

const names: (keyof ClientEvents)[] = ['session', 'refresh', 'degraded', 'store', 'request']

/** Everything a program could print. */
function printed(value: unknown): string {
  const parts = [inspect(value, { depth: 10, showHidden: true }), safeJson(value), String(value)]
  if (value instanceof Error) parts.push(value.message, value.stack ?? '', printed(value.cause))
  return parts.join('\n')
}

function safeJson(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

/** What a service that repeats its requests would answer. */
const echoing = (platform: Platform, status: number): FaultAction => {
  const body = {
    get error_description() {
      const last = platform.requests.at(-1)
      return `Bad request: ${JSON.stringify(last?.body)} ${JSON.stringify(last?.headers)}`
    },
    error: 'invalid_request',
  }
  return { status, body }
}

describe('nothing that can be printed holds a secret', () => {
  it('in the life of a person, on services that fail in all ways', async () => {
    const platform = platformAt({ limits: false })
    const { fetch, secrets, note } = watched(platform)
    const seen: string[] = []
    const store = memoryStore()
    const listenTo = (client: LanonasisClient) => {
      for (const name of names) client.on(name, (event) => seen.push(printed(event)))
      return client
    }
    const person = personFlow(platform)
    const client = listenTo(
      clientFor(platform, {
        fetch,
        store,
        timeoutMs: 2_000,
        login: {
          ...person,
          run: async (context) => {
            const grant = await person.run({
              ...context,
              authorize: async (request) => {
                const started = await context.authorize(request)
                return {
                  ...started,
                  finish: (callback) => {
                    note('code', callback.searchParams.get('code'))
                    return started.finish(callback)
                  },
                }
              },
            })
            seen.push(printed(grant))
            return grant
          },
        },
      }),
    )
    let failures = 0
    const attempt = async (work: () => PromiseLike<unknown>) => {
      try {
        seen.push(printed(await withQuickTimers(async () => work())))
      } catch (error) {
        failures += 1
        seen.push(printed(error))
      }
      seen.push(printed(client), printed(client.getSnapshot()))
    }
    const everything = async () => {
      await attempt(() => client.memory.list())
      await attempt(() => client.memory.create({ title: 'a', content: 'b' }))
      await attempt(() => client.apiKeys.list())
      await attempt(() => client.apiKeys.create({ name: crypto.randomUUID() }).then(({ id }) => id))
      await attempt(() => client.introspect())
      await attempt(() => client.refresh())
      await attempt(() => client.fetch(`${platform.endpoints.authGateway}/v1/auth/introspect`))
      await attempt(() => client.fetch('https://example.com/'))
      platform.clock.advance(lifeMs)
      await attempt(() => client.getAccessToken().then(() => 'given'))
    }

    // At its own pace: quick timers run out while the parts of a sign-in are loaded.
    seen.push(printed(await client.login({ apiKey: { name: 'my-laptop' } })))
    const token = await client.getAccessToken()
    for (const url of [`?access_token=${token}`, `?x=${token}`]) {
      await attempt(() => client.fetch(`${platform.endpoints.mcpHttp}/auth/api-keys${url}`))
    }
    await everything()
    const faults: FaultAction[] = [
      'refuse',
      'lose-answer',
      'cut-answer',
      'html',
      'edge-401',
      'hang',
      ...[400, 401, 403, 409, 422, 429, 500, 503].map((status) => echoing(platform, status)),
      { status: 302, headers: { location: 'https://evil.example.com/' } },
      { status: 200, body: 'not what was expected' },
    ]
    for (const action of faults) {
      const restore = platform.order({ match: '*', action })
      await everything()
      restore()
      if ((await client.getSession()).status !== 'signed-in') await attempt(() => client.login())
    }
    await attempt(() => client.setApiKey(token))
    await attempt(() => client.setApiKey(`"${token}"`))
    await attempt(() => client.logout({ apiKey: 'revoke' }))

    expect(failures).toBeGreaterThan(50)
    expect(secrets.size).toBeGreaterThan(10)
    const text = seen.join('\n')
    const found = [...secrets].filter((secret) => text.includes(secret))
    expect(found).toEqual([])
  }, 60_000)

  it('when fetch itself repeats what it was given', async () => {
    const platform = platformAt()
    const tokens = await platform.issueTokens()
    const client = clientFor(platform, {
      store: memoryStore({ tokens }),
      fetch: async (input, init) => {
        const request = new Request(input, init)
        const said = [...request.headers].join() + (await request.text())
        const inner = Object.assign(new Error(said), { code: said, name: said, headers: said })
        throw Object.assign(new TypeError(`Invalid header: ${said}`, { cause: inner }), { said })
      },
    })
    const errors: unknown[] = []
    for (const work of [
      () => client.memory.list(),
      () => client.refresh(),
      () => client.introspect(),
    ]) {
      await withQuickTimers(async () => work()).catch((error) => errors.push(error))
    }
    expect(errors).toHaveLength(3)
    const text = errors.map(printed).join('\n')
    expect(text).not.toContain(tokens.accessToken)
    expect(text).not.toContain(tokens.refreshToken)
  })

  it('when the browser comes back with an answer that is wrong', async () => {
    const platform = platformAt()
    const canary = 'canary-code-0123456789'
    const wrong = [
      'code=CODE',
      'code=CODE&state=x',
      'code=CODE&code=CODE&state=STATE',
      'error=CODE+x&state=STATE',
      'code=CODE&state=STATE&iss=https://evil.example.com',
      'state=STATE&response=CODE',
    ]
    for (const query of wrong) {
      const client = clientFor(platform, {
        login: {
          name: 'wrong',
          canRun: () => ({ ok: true }),
          async run({ authorize }) {
            const redirectUri = 'http://127.0.0.1:8989/callback'
            const { state, finish } = await authorize({ redirectUri })
            const answer = query.replaceAll('CODE', canary).replace('STATE', state)
            return finish(new URL(`${redirectUri}?${answer}`))
          },
        },
      })
      const error = await client.login().catch((reason) => reason)
      expect(error).toMatchObject({ name: 'AuthError' })
      expect(printed(error)).not.toContain(canary)
    }
  })
})
