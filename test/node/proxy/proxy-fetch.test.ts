import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { networkError } from '../../../src/http/transport.ts'
import { proxyFetch } from '../../../src/node/proxy/proxy-fetch.ts'
import { failure } from '../../support/async.ts'
import { startProxy } from '../../support/connect-proxy.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A service on this machine, under a name that only the proxy knows. */
async function serve(listener: RequestListener): Promise<{ url: string; direct: string }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://services.test:${port}`, direct: `http://127.0.0.1:${port}` }
}

/** Answers with what it was asked. */
const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { method, url, headers } = request
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.setHeader('content-type', 'application/json')
    response.statusCode = 201
    response.end(
      JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') }),
    )
  })
}

async function setup(listener: RequestListener, noProxy = '') {
  const proxy = await startProxy()
  const service = await serve(listener)
  const fetch = proxyFetch({ httpProxy: proxy.url, httpsProxy: undefined, noProxy })
  return { proxy, fetch, ...service }
}

describe('a fetch through a proxy', () => {
  it.each([
    ['a text', () => '{"title":"é"}'],
    ['bytes', () => new TextEncoder().encode('{"title":"é"}')],
    ['a blob', () => new Blob(['{"title":"é"}'])],
    ['a stream', () => new Blob(['{"title":"é"}']).stream()],
  ])('sends %s with its headers, and gives the answer with its headers', async (_what, body) => {
    const { proxy, fetch, url } = await setup(echo)
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'key' },
      body: body(),
      duplex: 'half',
    } as RequestInit
    const response = await fetch(`${url}/memory?a=b`, init)
    expect(response).toBeInstanceOf(Response)
    expect([response.status, response.ok]).toEqual([201, true])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.json()).toMatchObject({
      method: 'POST',
      url: '/memory?a=b',
      headers: { host: new URL(url).host, 'content-type': 'application/json', 'x-api-key': 'key' },
      body: '{"title":"é"}',
    })
    expect(proxy.tunnels).toEqual([new URL(url).host])
  })

  it("takes a Request of the platform's, and a URL", async () => {
    const { fetch, url } = await setup(echo)
    const request = new Request(url, { method: 'PUT', body: 'text', headers: { a: '1' } })
    expect(await (await fetch(request)).json()).toMatchObject({ method: 'PUT', body: 'text' })
    expect(await (await fetch(new URL(url))).json()).toMatchObject({ method: 'GET', body: '' })
    const changed = await fetch(new Request(url), { method: 'DELETE', headers: { b: '2' } })
    expect(await changed.json()).toMatchObject({ method: 'DELETE', headers: { b: '2' } })
  })

  it.each([204, 304])('gives an answer without a body (%i)', async (status) => {
    const { fetch, url } = await setup((_request, response) => {
      response.writeHead(status).end()
    })
    const response = await fetch(url)
    expect([response.status, response.body]).toEqual([status, null])
  })

  it('★7 gives a redirect itself when it is to be seen to by the caller', async () => {
    const { proxy, fetch, url } = await setup((_request, response) => {
      response.writeHead(307, { location: 'https://evil.example.com/' }).end()
    })
    const response = await fetch(url, { redirect: 'manual', headers: { 'x-api-key': 'key' } })
    expect([response.status, response.headers.get('location')]).toEqual([
      307,
      'https://evil.example.com/',
    ])
    expect(await failure(fetch(url, { redirect: 'error' }))).toBeInstanceOf(TypeError)
    expect(new Set(proxy.tunnels)).toEqual(new Set([new URL(url).host]))
  })

  it('streams: each piece is there before the next one is sent', async () => {
    let next = () => {}
    const { fetch, url } = await setup((_request, response) => {
      response.writeHead(200)
      response.write('one')
      next = () => response.end('two')
    })
    const response = await fetch(url)
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    expect(decoder.decode((await reader?.read())?.value)).toBe('one')
    next()
    expect(decoder.decode((await reader?.read())?.value)).toBe('two')
    expect((await reader?.read())?.done).toBe(true)
  })

  it('ends its connection when the caller does not read on', async () => {
    let closed: Promise<void> | undefined
    const { fetch, url } = await setup((_request, response) => {
      closed = new Promise((resolve) => response.on('close', resolve))
      response.writeHead(200)
      response.write('one')
    })
    await (await fetch(url)).body?.cancel()
    await closed
  })

  it('ends at abort: before the answer, and in the middle of it', async () => {
    const { fetch, url } = await setup((request, response) => {
      if (request.url === '/begun') response.writeHead(200).write('one')
    })
    const before = new AbortController()
    const waiting = failure(fetch(url, { signal: before.signal }))
    setTimeout(() => before.abort(), 5)
    expect(await waiting).toMatchObject({ name: 'AbortError' })

    const during = new AbortController()
    const response = await fetch(`${url}/begun`, { signal: during.signal })
    const reading = failure(response.text())
    during.abort()
    expect(await reading).toMatchObject({ name: 'AbortError' })
    expect(await failure(fetch(url, { signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    })
  })

  it('fails as the platform does when the answer breaks off', async () => {
    const { fetch, url } = await setup((request, response) => {
      response.writeHead(200, { 'content-length': '20' })
      response.write('half', () => request.socket.destroy())
    })
    const error = networkError(await failure((await fetch(url)).text()), url)
    expect(error).toMatchObject({ code: 'network_error', retryable: true })
  })

  it('fails when the proxy opens no tunnel, or is not there', async () => {
    const { url } = await serve(echo)
    const refusing = await startProxy({ status: 407 })
    for (const httpProxy of [refusing.url, 'http://127.0.0.1:1']) {
      const fetch = proxyFetch({ httpProxy, httpsProxy: undefined, noProxy: '' })
      expect(await failure(fetch(url))).toBeInstanceOf(TypeError)
    }
    expect(refusing.tunnels).toHaveLength(1)
  })

  it('shows the proxy its user and password', async () => {
    const proxy = await startProxy()
    const { url } = await serve(echo)
    const httpProxy = proxy.url.replace('//', '//user:p%40ss@')
    await proxyFetch({ httpProxy, httpsProxy: undefined, noProxy: '' })(url)
    const given = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    expect(proxy.authorizations).toEqual([given])
  })

  it('goes by what it was given, and not by the variables of the process', async () => {
    const others = await startProxy()
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) {
      vi.stubEnv(name, others.url)
    }
    vi.stubEnv('NO_PROXY', '*')
    const { proxy, fetch, url } = await setup(echo)
    await fetch(url)
    const onlyHttps = proxyFetch({ httpProxy: undefined, httpsProxy: proxy.url, noProxy: '' })
    expect(await failure(onlyHttps(url))).toMatchObject({ cause: { code: 'ENOTFOUND' } })
    expect([proxy.tunnels.length, others.tunnels.length]).toEqual([1, 0])
  })
})

describe('what does not go through the proxy', () => {
  it.each(['127.0.0.1', 'localhost', '127.1.2.3', 'app.localhost'])(
    'is this machine, called %s',
    async (host) => {
      const { proxy, fetch, direct } = await setup(echo)
      const target = new URL(direct)
      target.hostname = host
      // Whether this system knows the name, and the address, is its own matter.
      await fetch(target, { method: 'POST', body: 'text' }).catch(() => {})
      await fetch(new Request(target)).catch(() => {})
      expect(proxy.tunnels).toEqual([])
    },
  )

  it.each(['services.test', '.test', '*.test', 'other.example.com, services.test'])(
    'is excepted by NO_PROXY=%s',
    async (noProxy) => {
      const { proxy, fetch, url } = await setup(echo, noProxy)
      // Only the proxy knows the name.
      expect(await failure(fetch(url))).toMatchObject({ cause: { code: 'ENOTFOUND' } })
      expect(proxy.tunnels).toEqual([])
    },
  )

  it.each(['example.com', 'ervices.test', 'services.test:1', 'services'])(
    'is not excepted by NO_PROXY=%s',
    async (noProxy) => {
      const { proxy, fetch, url } = await setup(echo, noProxy)
      expect((await fetch(url)).status).toBe(201)
      expect(proxy.tunnels).toHaveLength(1)
    },
  )
})
