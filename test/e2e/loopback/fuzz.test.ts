import { connect } from 'node:net'
import * as fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { loopbackFlow } from '../../../src/node.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { deferred } from '../../support/async.ts'
import { contextOf } from '../../support/login-context.ts'
import { rawRequest } from '../../support/raw-http.ts'

const requests = 5_000
const state = 'SG5hX1p8b2Q3bW9uZ28tZnV6ei1zdGF0ZQ'

const token = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abcXYZ-_09') })
const bytes = fc
  .uint8Array({ maxLength: 200 })
  .map((array) => Buffer.from(array).toString('latin1'))

/** States that are nearly ours, and never ours alone. */
const nearState = fc.oneof(
  fc.constant(''),
  fc.constant(state.slice(1)),
  fc.constant(`${state}%00`),
  fc.constant(`%20${state}`),
  fc.constant(`${state}&state=${state}`),
  fc.constant(`${state}&state=`),
  fc.constant(state.toLowerCase()),
  token,
)
const query = fc
  .array(
    fc.oneof(
      nearState.map((value) => `state=${value}`),
      fc.constantFrom(
        'code=stolen',
        'error=access_denied',
        'iss=x',
        `State=${state}`,
        `x[state]=${state}`,
      ),
      fc.tuple(token, bytes).map(([name, value]) => `${name}=${encodeURIComponent(value)}`),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join('&'))
  .filter((text) => new URLSearchParams(text).getAll('state').join() !== state)

const path = fc.oneof(
  { weight: 4, arbitrary: fc.constant('/callback') },
  fc.constantFrom(
    '/',
    '*',
    '//callback',
    '/callback/..',
    'callback',
    'http://evil.example/callback',
    '',
  ),
  bytes,
)
const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant('GET') },
  fc.constantFrom('HEAD', 'POST', 'OPTIONS', 'CONNECT', 'TRACE', 'get', 'PRI', 'M-SEARCH'),
  token,
)
const header = fc.oneof(
  fc.constantFrom(
    'Transfer-Encoding: chunked',
    'Content-Length: 5',
    'Content-Length: -1',
    'Expect: 100-continue',
    'Expect: the worst',
    'Upgrade: h2c',
    'Connection: keep-alive',
    ' folded: line',
    ': no name',
  ),
  fc.tuple(token, bytes).map(([name, value]) => `${name}: ${value}`),
)
/** What a browser would send: only the query is not ours. */
const wellFormed = query.map((text) => `GET /callback?${text} HTTP/1.1\r\nHost: HOST\r\n\r\n`)
/** Whole requests, broken ones, and noise. `HOST` is put in when the port is known. */
const request = fc.oneof(
  { weight: 8, arbitrary: wellFormed },
  {
    weight: 8,
    arbitrary: fc
      .record({
        method,
        path,
        query,
        version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
        host: fc.constantFrom('HOST', 'HOST', 'HOST', 'evil.example', 'localhost', ''),
        headers: fc.array(header, { maxLength: 2 }),
        body: bytes,
        cut: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.nat(60)),
      })
      .map(({ method, path, query, version, host, headers, body, cut }) => {
        const lines = [`${method} ${path}?${query} ${version}`, `Host: ${host}`, ...headers]
        const text = `${lines.join('\r\n')}\r\n\r\n${body}`
        return cut === undefined ? text : text.slice(0, -cut)
      }),
  },
  bytes,
)

it(`${requests} requests of chance never settle a sign-in, and never end its process`, async () => {
  const redirect = deferred<string>()
  let finished = 0
  const failures: unknown[] = []
  const onFailure = (error: unknown) => failures.push(error)
  process.on('uncaughtException', onFailure)
  onTestFinished(() => void process.off('uncaughtException', onFailure))
  const login = loopbackFlow({ ports: [0], openUrl: async () => {} }).run(
    contextOf({
      authorize: async ({ redirectUri }) => {
        redirect.resolve(redirectUri)
        const finish = async () => {
          finished += 1
          return { accessToken: new Secret('x'), tokenType: 'Bearer', kind: 'opaque' as const }
        }
        return { url: 'https://auth.example.com/', state, takesCodeAlone: true, finish }
      },
    }),
  )
  const redirectUri = await redirect.promise
  const { host } = new URL(redirectUri)

  const answers = new Map<string, number>()
  const seen = { sent: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 50, maxLength: 50 }), async (texts) => {
      const statuses = await Promise.all(
        texts.map((text) => sendText(redirectUri, text.replace('HOST', host))),
      )
      for (const status of statuses) answers.set(status, (answers.get(status) ?? 0) + 1)
      seen.sent += texts.length
      expect(finished).toBe(0)
      expect(failures).toEqual([])
      expect(statuses).not.toContain('200')
    }),
    { numRuns: requests / 50, endOnFailure: true },
  )
  expect(seen.sent).toBe(requests)
  console.log(
    `answers to ${requests} requests of chance: ${JSON.stringify(Object.fromEntries(answers))}`,
  )
  // Many got as far as the comparison of the state, not only to the parser of Node.
  expect(answers.get('not this sign-in') ?? 0).toBeGreaterThan(requests / 4)
  for (const status of ['404', '405', '421']) expect(answers.has(status)).toBe(true)

  expect((await rawRequest(`${redirectUri}?code=c&state=${state}`)).status).toBe(200)
  await login
  expect(finished).toBe(1)
}, 120_000)

/** Sends it as it is, hangs up when it was answered or nothing more comes, and gives the status. */
function sendText(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    // A reset is how a server refuses noise.
    socket.on('error', () => {})
    socket.on('close', () => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none'
      resolve(answer.includes('Not this sign-in') ? 'not this sign-in' : status)
    })
    // The end of what we say: the server need not wait for the rest of a broken request.
    socket.end(Buffer.from(text, 'latin1'))
  })
}
