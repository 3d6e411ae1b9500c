import { AuthClient, type Fetch, isAuthError, type LanonasisClient } from '@lanonasis/auth-client'
import { describe, expect, it } from 'vitest'
import { deferred, failure } from '../support/async.ts'
import {
  apiKey,
  clientWith,
  epoch,
  gateway,
  lifeMs,
  madeUpFlow,
  mcp,
  opaqueTokens,
  pair,
} from './clients.ts'
import { titled } from './titled.ts'

const withinMs = 50

/** Answers each route as told, by the end of its path; every other request never. */
type Answers = Readonly<Record<string, () => Response>>

/** How a network can be dead. */
const networks: Readonly<
  Record<string, (signal: AbortSignal | null | undefined) => Promise<Response>>
> = {
  'a fetch that never answers': (signal) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
    }),
  'a fetch that never answers and knows no signal': () => new Promise(() => {}),
  'a body that never ends': async () => new Response(new ReadableStream()),
}

/** A network that tells when a request hangs. */
function dead(network: keyof typeof networks, answers: Answers = {}) {
  const hanging = deferred()
  const fetch: Fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    const known = Object.keys(answers).find((path) => pathname.endsWith(path))
    if (known !== undefined) return answers[known]?.() ?? new Response()
    // The call has to have got as far as waiting.
    setTimeout(hanging.resolve, 5)
    const hang = networks[network]
    return hang === undefined ? new Response() : hang(init?.signal)
  }
  return { fetch, hanging: hanging.promise }
}

interface SignalCase {
  readonly call: string
  readonly run: (client: LanonasisClient, signal: AbortSignal) => PromiseLike<unknown>
  readonly client?: (fetch: Fetch) => LanonasisClient
  readonly answers?: Answers
}

const json = (status: number, body: unknown) => () => Response.json(body, { status })
const withKey = (fetch: Fetch) => clientWith({ tokens: opaqueTokens, apiKey }, { fetch })
const withTokens = (fetch: Fetch) => clientWith({ tokens: opaqueTokens }, { fetch })
const withEndedToken = (fetch: Fetch) =>
  clientWith({ tokens: opaqueTokens }, { fetch, now: () => epoch + lifeMs })
const signsIn = (fetch: Fetch) =>
  clientWith({}, { fetch, login: madeUpFlow(({ state }) => `code=c&state=${state}`) })
const newKey = { id: 'k1', name: 'x', key: apiKey }
const refused = json(401, { error: 'Authentication required' })

const cases: readonly SignalCase[] = [
  { call: 'memory.list()', run: ({ memory }, signal) => memory.list({ signal }) },
  {
    call: 'for await (… of memory.list())',
    run: async ({ memory }, signal) => {
      for await (const _memory of memory.list({ signal }));
    },
  },
  { call: 'memory.search()', run: ({ memory }, signal) => memory.search({ query: 'q', signal }) },
  { call: 'memory.get()', run: ({ memory }, signal) => memory.get('m1', { signal }) },
  {
    call: 'memory.create()',
    run: ({ memory }, signal) => memory.create({ title: 'T', content: 'C' }, { signal }),
  },
  {
    call: 'memory.update()',
    run: ({ memory }, signal) => memory.update('m1', { title: 'T' }, { signal }),
  },
  { call: 'memory.delete()', run: ({ memory }, signal) => memory.delete('m1', { signal }) },
  { call: 'memory.stats()', run: ({ memory }, signal) => memory.stats({ signal }) },
  {
    call: 'memory.get() while the other name of the collection is looked for',
    run: ({ memory }, signal) => memory.get('m1', { signal }),
    answers: { '/memory/m1': json(404, {}) },
  },
  { call: 'apiKeys.list()', run: ({ apiKeys }, signal) => apiKeys.list({ signal }) },
  { call: 'apiKeys.get()', run: ({ apiKeys }, signal) => apiKeys.get('k1', { signal }) },
  {
    call: 'apiKeys.create()',
    run: ({ apiKeys }, signal) => apiKeys.create({ name: 'x' }, { signal }),
  },
  {
    call: 'apiKeys.ensure()',
    run: ({ apiKeys }, signal) => apiKeys.ensure({ name: 'x' }, { signal }),
    client: withTokens,
  },
  { call: 'apiKeys.rotate(id)', run: ({ apiKeys }, signal) => apiKeys.rotate('k1', { signal }) },
  {
    call: 'apiKeys.rotate() while the new key is tried',
    run: async ({ apiKeys }, signal) => {
      await apiKeys.ensure({ name: 'x' })
      await apiKeys.rotate({ signal })
    },
    client: withTokens,
    answers: { '/api-keys': json(201, newKey), '/api-keys/k1': json(200, newKey) },
  },
  { call: 'apiKeys.revoke()', run: ({ apiKeys }, signal) => apiKeys.revoke('k1', { signal }) },
  { call: 'apiKeys.delete()', run: ({ apiKeys }, signal) => apiKeys.delete('k1', { signal }) },
  {
    call: 'memory.list() while the token is renewed',
    run: ({ memory }, signal) => memory.list({ signal }),
    client: withEndedToken,
  },
  {
    call: 'memory.list() while the gateway is asked about the token',
    run: ({ memory }, signal) => memory.list({ signal }),
    client: withTokens,
    answers: { '/memory': refused },
  },
  {
    call: 'memory.list() while the gateway is asked about the key',
    run: ({ memory }, signal) => memory.list({ signal }),
    answers: { '/memory': refused },
  },
  {
    call: 'getAccessToken()',
    run: (client, signal) => client.getAccessToken({ signal }),
    client: withEndedToken,
  },
  { call: 'refresh()', run: (client, signal) => client.refresh({ signal }) },
  { call: 'introspect()', run: (client, signal) => client.introspect(undefined, { signal }) },
  {
    call: 'exchangeLegacyToken()',
    run: (client, signal) => client.exchangeLegacyToken({ signal }),
    client: (fetch) => clientWith({ legacyToken: 'legacy' }, { fetch }),
  },
  {
    call: 'login() before the browser',
    run: (client, signal) => client.login({ signal }),
    client: signsIn,
  },
  {
    call: 'login() while the code is exchanged',
    run: (client, signal) => client.login({ signal }),
    client: signsIn,
    answers: { '/oauth/authorize': () => new Response('<html>') },
  },
  {
    call: 'login() while its API key is made',
    run: (client, signal) => client.login({ signal, apiKey: { name: 'x' } }),
    client: signsIn,
    answers: { '/oauth/authorize': () => new Response('<html>'), '/oauth/token': json(200, pair) },
  },
]

describe.each(Object.keys(networks))('with %s', (network) => {
  it.each(titled(cases, ({ call }) => call))(
    `%s ends as aborted within ${withinMs} ms`,
    async (_call, { run, client = withKey, answers = {} }) => {
      const { fetch, hanging } = dead(network, answers)
      const stop = new AbortController()
      const made = client(fetch)
      const outcome = failure(run(made, stop.signal))
      await hanging
      expect(await abortedError(outcome, stop)).toMatchObject({ code: 'aborted' })
      made.close()
    },
  )
})

describe('a signal that has fired before', () => {
  const first = cases.filter(({ answers }) => answers === undefined)

  it.each(titled(first, ({ call }) => call))(
    '%s sends nothing',
    async (_call, { run, client = withKey }) => {
      let asked = 0
      const fetch: Fetch = async () => {
        asked += 1
        return new Response()
      }
      const error = await failure(run(client(fetch), AbortSignal.abort()))
      expect(error).toMatchObject({ code: 'aborted', retryable: false })
      expect(asked).toBe(0)
    },
  )
})

describe('client.fetch', () => {
  it.each<[string, (client: LanonasisClient, signal: AbortSignal) => Promise<unknown>]>([
    ['its options', (client, signal) => client.fetch(`${mcp}/anything`, { signal })],
    ['its request', (client, signal) => client.fetch(new Request(`${mcp}/anything`, { signal }))],
  ])(`with the signal in %s ends as aborted within ${withinMs} ms`, async (_where, run) => {
    for (const network of Object.keys(networks).slice(0, 2)) {
      const { fetch, hanging } = dead(network)
      const stop = new AbortController()
      const outcome = failure(run(withKey(fetch), stop.signal))
      await hanging
      expect(await abortedError(outcome, stop)).toMatchObject({ code: 'aborted' })
    }
  })
})

describe('AuthClient for another server', () => {
  it(`login() ends as aborted within ${withinMs} ms while the metadata is read`, async () => {
    const { fetch, hanging } = dead('a fetch that never answers')
    const client = new AuthClient({
      clientId: 'my-app',
      issuer: 'https://id.example.com',
      fetch,
      login: madeUpFlow(() => ''),
    })
    const stop = new AbortController()
    const outcome = failure(client.login({ signal: stop.signal }))
    await hanging
    expect(await abortedError(outcome, stop)).toMatchObject({ code: 'aborted' })
  })
})

describe('a caller who leaves', () => {
  it.each(['forget', 'revoke'] as const)(
    `is signed out all the same, within ${withinMs} ms (apiKey: %s)`,
    async (option) => {
      const { fetch, hanging } = dead('a fetch that never answers', {
        '/api-keys': json(201, newKey),
      })
      const client = withTokens(fetch)
      await client.apiKeys.ensure({ name: 'x' })
      const stop = new AbortController()
      const result = client.logout({ apiKey: option, signal: stop.signal })
      await hanging
      expect(await abortedError(result, stop)).toMatchObject({
        revoked: false,
        reason: expect.stringMatching(/\w/),
        alive: option === 'revoke' ? ['tokens', 'api-key'] : ['tokens'],
      })
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    },
  )

  it('does not take a renewal along that others wait for', async () => {
    const answer = deferred<Response>()
    const client = withEndedToken(() => answer.promise)
    const stop = new AbortController()
    const other = client.getAccessToken()
    const leaving = failure(client.getAccessToken({ signal: stop.signal }))
    expect(await abortedError(leaving, stop)).toMatchObject({ code: 'aborted' })
    answer.resolve(Response.json(pair))
    expect(await other).toBe(pair.access_token)
  })
})

/** The error, if it comes in time; both clocks stand still together when this machine is busy. */
async function abortedError(outcome: Promise<unknown>, stop: AbortController): Promise<unknown> {
  stop.abort(new Error(`the caller's own reason for ${gateway}`))
  const late = new Promise((resolve) => setTimeout(resolve, withinMs, 'still waiting'))
  const error = await Promise.race([outcome, late])
  if (isAuthError(error)) expect(error.hint).toMatch(/\w/)
  return error
}
