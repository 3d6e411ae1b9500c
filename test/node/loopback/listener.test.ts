import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type LoopbackListener, listenOnLoopback } from '../../../src/node/loopback/listener.ts'
import { renderPage } from '../../../src/node/loopback/page.ts'
import { failure, settle } from '../../support/async.ts'
import { openConnection, type RawAnswer, rawRequest } from '../../support/raw-http.ts'

const state = 'the-state-of-this-sign-in'
const goodQuery = `?code=a-code&state=${state}`
const done = { status: 200, title: 'Done', text: 'You may close this window.' }

async function listening(): Promise<LoopbackListener> {
  const listener = await listenOnLoopback({ ports: [0] })
  onTestFinished(() => listener.close())
  return listener
}

/** A listener that waits for the answer, and whether it has come. */
async function waiting() {
  const listener = await listening()
  const seen = { settled: false }
  const answer = listener.expect(state)
  answer.then(() => {
    seen.settled = true
  })
  return { ...listener, answer, seen }
}

/** The browser comes back as it should, and is answered. */
async function comeBack({ redirectUri, answer }: Awaited<ReturnType<typeof waiting>>) {
  const page = rawRequest(`${redirectUri}${goodQuery}`)
  const callback = await answer
  await callback.respond(done)
  return { callback, page: await page }
}

interface Hostile {
  readonly query?: string
  readonly path?: string
  readonly method?: string
  readonly host?: (port: string) => string
  readonly status: number
}

const hostile: Readonly<Record<string, Hostile>> = {
  'another state': { query: '?code=stolen&state=another', status: 400 },
  'no state': { query: '?code=stolen', status: 400 },
  'an empty state': { query: '?code=stolen&state=', status: 400 },
  'our state and another one': { query: `${goodQuery}&state=another`, status: 400 },
  'our state twice': { query: `${goodQuery}&state=${state}`, status: 400 },
  'an error without a state': { query: '?error=access_denied', status: 400 },
  'an error with another state': { query: '?error=access_denied&state=another', status: 400 },
  'no query at all': { query: '', status: 400 },
  'our state in another parameter': { query: `?code=x&State=${state}`, status: 400 },
  'another path': { path: `/other${goodQuery}`, status: 404 },
  'a path below ours': { path: `/callback/more${goodQuery}`, status: 404 },
  'a slash after ours': { path: `/callback/${goodQuery}`, status: 404 },
  'two slashes before ours': { path: `//callback${goodQuery}`, status: 404 },
  'our path in capitals': { path: `/CALLBACK${goodQuery}`, status: 404 },
  'a detour to our path': { path: `/x/../callback${goodQuery}`, status: 404 },
  'a whole address as path': { path: `http://evil.example/callback${goodQuery}`, status: 404 },
  'the question for an icon': { path: '/favicon.ico', status: 404 },
  HEAD: { method: 'HEAD', status: 405 },
  POST: { method: 'POST', status: 405 },
  OPTIONS: { method: 'OPTIONS', status: 405 },
  PUT: { method: 'PUT', status: 405 },
  'a rebound name': { host: (port) => `evil.example:${port}`, status: 421 },
  'the name localhost': { host: (port) => `localhost:${port}`, status: 421 },
  'our address without its port': { host: () => '127.0.0.1', status: 421 },
  'our address with another port': { host: (port) => `127.0.0.1:${port}1`, status: 421 },
  'a host behind ours': { host: (port) => `127.0.0.1:${port}.evil.example`, status: 421 },
}

function send(redirectUri: string, { query, path, method, host }: Hostile): Promise<RawAnswer> {
  const { port } = new URL(redirectUri)
  return rawRequest(redirectUri + (query ?? goodQuery), {
    ...(path === undefined ? {} : { path }),
    ...(method === undefined ? {} : { method }),
    ...(host === undefined ? {} : { headers: { host: host(port) } }),
  })
}

describe('a listener for one sign-in', () => {
  it('is named by the literal address and its port', async () => {
    const { redirectUri } = await listening()
    expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/callback$/)
  })

  it('takes the answer that carries our state once', async () => {
    const { callback, page } = await comeBack(await waiting())
    expect(callback.url.searchParams.get('code')).toBe('a-code')
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining(done.text) })
  })

  it('takes an error that carries our state', async () => {
    const { redirectUri, answer } = await waiting()
    const page = rawRequest(`${redirectUri}?error=access_denied&state=${state}`)
    const { url, respond } = await answer
    expect(url.searchParams.get('error')).toBe('access_denied')
    await respond({ ...done, status: 400 })
    expect((await page).status).toBe(400)
  })

  it.each(Object.entries(hostile))(
    'answers %s, is not settled by it, and then takes the right one',
    async (_name, attempt) => {
      const listener = await waiting()
      const answer = await send(listener.redirectUri, attempt)
      await settle()
      expect(answer.status).toBe(attempt.status)
      expect(answer.body).not.toContain(state)
      expect(listener.seen.settled).toBe(false)

      const { callback } = await comeBack(listener)
      expect(callback.url.searchParams.get('code')).toBe('a-code')
    },
  )

  it('is not settled by many at once, and answers each', async () => {
    const listener = await waiting()
    const attempts = Array.from({ length: 8 }, () => Object.values(hostile)).flat()
    const answers = await Promise.all(
      attempts.map((attempt) => send(listener.redirectUri, attempt)),
    )
    expect(answers.map(({ status }) => status)).toEqual(attempts.map(({ status }) => status))
    expect(listener.seen.settled).toBe(false)
    await comeBack(listener)
  })

  it('survives a connection that speaks no HTTP, and one that says nothing', async () => {
    const listener = await waiting()
    const garbage = await openConnection(listener.redirectUri)
    await openConnection(listener.redirectUri)
    garbage.resume()
    garbage.write('\x16\x03\x01 this is no request\r\n\r\n')
    await once(garbage, 'close')
    expect(listener.seen.settled).toBe(false)
    await comeBack(listener)
  })

  it('survives a browser that hangs up in the middle of its request', async () => {
    const listener = await waiting()
    const socket = await openConnection(listener.redirectUri)
    socket.write(`GET /callback${goodQuery} HTTP/1.1\r\nHost:`)
    socket.destroy()
    await once(socket, 'close')
    await comeBack(listener)
  })

  it('does not run a sign-in again when its page is reloaded', async () => {
    const listener = await waiting()
    await comeBack(listener)
    const again = await rawRequest(`${listener.redirectUri}${goodQuery}`)
    expect(again.status).toBe(400)
    expect(again.body).toContain('does not belong to the sign-in under way')
  })

  it('does not take a second answer while the first one is worked on', async () => {
    const listener = await waiting()
    const first = rawRequest(`${listener.redirectUri}?code=first&state=${state}`)
    const callback = await listener.answer
    const second = await rawRequest(`${listener.redirectUri}?code=second&state=${state}`)
    expect(second.status).toBe(400)
    await callback.respond(done)
    expect((await first).status).toBe(200)
    expect(callback.url.searchParams.get('code')).toBe('first')
  })

  it('takes nothing before it knows the state', async () => {
    const { redirectUri } = await listening()
    expect((await rawRequest(`${redirectUri}${goodQuery}`)).status).toBe(400)
  })
})

describe('the page that a browser sees', () => {
  it.each([
    ['at the end of the sign-in', async () => (await comeBack(await waiting())).page],
    [
      'when it is turned away',
      async () => rawRequest(`${(await waiting()).redirectUri}?state=other`),
    ],
    [
      'at another address',
      async () => rawRequest((await waiting()).redirectUri, { path: '/favicon.ico' }),
    ],
  ])('leaves no trace and runs nothing %s', async (_name, visit) => {
    const { headers } = await visit()
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    const policy = headers['content-security-policy']
    for (const rule of ["default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(rule)
    }
    expect(policy).not.toMatch(/unsafe|script-src|\*/)
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('may have the one style it has, and no script, link or image', async () => {
    const { page } = await comeBack(await waiting())
    const style = /<style>(.*?)<\/style>/s.exec(page.body)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(page.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`)
    expect(page.body).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|\bsrc=|\bhref=|url\(/i)
  })

  it('shows a text as a text', () => {
    const page = renderPage({ title: '<script>1</script>', text: `"><img src=x onerror='1'>&amp;` })
    expect(page).not.toMatch(/<script|<img/)
    expect(page).toContain('<h1>&lt;script&gt;1&lt;/script&gt;</h1>')
    expect(page).toContain('&quot;&gt;&lt;img src=x onerror=&#39;1&#39;&gt;&amp;amp;')
  })

  /** The browser has asked, and then does nothing more by itself. */
  async function asking() {
    const { redirectUri, answer } = await waiting()
    const socket = await openConnection(redirectUri)
    socket.pause()
    socket.write(`GET /callback${goodQuery} HTTP/1.1\r\nHost: ${new URL(redirectUri).host}\r\n\r\n`)
    const { respond } = await answer
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    return { redirectUri, socket, respond }
  }

  it('holds up the sign-in for a second at most when nobody reads it', async () => {
    const { respond } = await asking()
    const responded = respond({ ...done, text: 'much too long for a buffer '.repeat(1_000_000) })
    vi.advanceTimersByTime(1_000)
    await responded
  })

  it('does not hold up the sign-in when the browser has gone', async () => {
    const { redirectUri, socket, respond } = await asking()
    socket.resetAndDestroy()
    await once(socket, 'close')
    // A connection that is made later, and answered, is proof that the reset has been seen.
    await rawRequest(redirectUri)
    await respond(done)
  })

  it('does not hold up the sign-in when the browser goes before it has read all', async () => {
    const { socket, respond } = await asking()
    const responded = respond({ ...done, text: 'much too long for a buffer '.repeat(1_000_000) })
    socket.resetAndDestroy()
    await responded
  })
})

describe('the port of a listener', () => {
  it('is the first one that is free', async () => {
    const [first, second, third] = [await listening(), await listening(), await listening()]
    const portOf = ({ redirectUri }: LoopbackListener) => Number(new URL(redirectUri).port)
    await third.close()
    const listener = await listenOnLoopback({ ports: [first, second, third].map(portOf) })
    onTestFinished(() => listener.close())
    expect(listener.redirectUri).toBe(third.redirectUri)
    await rawRequest(listener.redirectUri)
  })

  it('is named in the error when none is free', async () => {
    const taken = [await listening(), await listening()]
    const ports = taken.map(({ redirectUri }) => new URL(redirectUri).port)
    const error = await failure(listenOnLoopback({ ports: ports.map(Number) }))
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'port_in_use',
      message: expect.stringContaining(ports.join(', ')),
      hint: expect.stringContaining('port'),
    })
  })

  it('is free again when the listener is closed, whatever is still connected', async () => {
    const listener = await waiting()
    const { port } = new URL(listener.redirectUri)
    const idle = await openConnection(listener.redirectUri)
    const unanswered = await openConnection(listener.redirectUri)
    unanswered.write(`GET /callback${goodQuery} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await listener.answer
    await Promise.all([listener.close(), once(idle, 'close'), once(unanswered, 'close')])

    const next = await listenOnLoopback({ ports: [Number(port)] })
    await next.close()
    expect(next.redirectUri).toBe(listener.redirectUri)
  })

  it('is bound to this machine only', async () => {
    const { redirectUri } = await listening()
    const { networkInterfaces } = await import('node:os')
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal)
    if (outside === undefined) return
    const url = redirectUri.replace('127.0.0.1', outside.address)
    expect(await failure(rawRequest(url))).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('a listener on several addresses', () => {
  const hosts = ['127.0.0.1', '::1'] as const
  const portOf = ({ redirectUri }: LoopbackListener) => Number(new URL(redirectUri).port)

  it('has the same port on all, and takes the answer on each', async () => {
    for (const host of ['127.0.0.1', '[::1]']) {
      const listener = await listenOnLoopback({ ports: [0], hosts })
      onTestFinished(() => listener.close())
      const answer = listener.expect(state)
      const page = rawRequest(`http://${host}:${portOf(listener)}/callback${goodQuery}`)
      await (await answer).respond(done)
      expect((await page).status).toBe(200)
    }
  })

  it('takes no port that somebody else has on one of them, and holds nothing of it', async () => {
    const other = await listenOnLoopback({ ports: [0], hosts: ['::1'] })
    onTestFinished(() => other.close())
    const port = portOf(other)
    expect(await failure(listenOnLoopback({ ports: [port], hosts }))).toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(String(port)),
    })
    const free = await listenOnLoopback({ ports: [port], hosts: ['127.0.0.1'] })
    await free.close()
  })

  it('releases all of them', async () => {
    const listener = await listenOnLoopback({ ports: [0], hosts })
    await listener.close()
    const again = await listenOnLoopback({ ports: [portOf(listener)], hosts })
    await again.close()
    expect(again.redirectUri).toBe(listener.redirectUri)
  })
})
