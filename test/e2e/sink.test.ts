import { beforeEach, describe, expect, it } from 'vitest'
import type { LanonasisClient } from '../../src/index.ts'
import type { ServedPlatform } from '../../src/testing-node.ts'
import { failure } from '../support/async.ts'
import { configPath } from '../support/directories.ts'
import { type Sink, startSink } from '../support/sink.ts'
import { browserFlow, clientOn, served } from './clients.ts'

const redirects = [301, 302, 303, 307, 308]

/** Signed in with tokens and a key; beside the services there is a server that must hear of neither. */
let platform: ServedPlatform
let client: LanonasisClient
let sink: Sink

beforeEach(async () => {
  platform = await served({ limits: false })
  sink = await startSink()
  client = clientOn(platform, { path: await configPath() })
  await client.login({ apiKey: { name: 'my-laptop' } })
  platform.requests.length = 0
})

function redirect(match: string, status: number, location = `${sink.origin}/collect`) {
  platform.order({ match, action: { status, headers: { location } } })
}

describe('★7 a service that redirects to another origin', () => {
  it.each(redirects)('is followed by no request with a key (%i)', async (status) => {
    redirect('GET /memory*', status)
    const url = `${platform.endpoints.mcpHttp}/memory`
    for (const work of [
      () => client.fetch(url),
      () => client.memory.list(),
      () => client.memory.get('an-id'),
    ]) {
      expect(await failure(work())).toMatchObject({ name: 'AuthError', code: 'origin_not_allowed' })
    }
    expect(sink.requests).toEqual([])
  })

  it.each(redirects)('is followed by no request with a body (%i)', async (status) => {
    redirect('POST /memory', status)
    const memory = { title: 'Example', content: 'A secret' }
    expect(await failure(client.memory.create(memory))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(sink.requests).toEqual([])
    expect(platform.requestsTo('POST /memory')).toHaveLength(1)
  })

  it.each(redirects)('is followed by no request with a token (%i)', async (status) => {
    redirect('* /auth/api-keys*', status)
    const url = `${platform.endpoints.mcpHttp}/auth/api-keys`
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect(await failure(client.fetch(url, { method }))).toMatchObject({
        code: 'origin_not_allowed',
      })
    }
    expect(sink.requests).toEqual([])
  })

  it('is not followed to another port, another name, or without TLS either', async () => {
    const { port } = new URL(platform.endpoints.mcpHttp)
    for (const location of [
      `//127.0.0.1:${new URL(sink.origin).port}/`,
      `http://localhost:${port}/`,
    ]) {
      const takeBack = platform.order({
        match: 'GET /memory*',
        action: { status: 302, headers: { location } },
      })
      expect(await failure(client.fetch(`${platform.endpoints.mcpHttp}/memory`))).toMatchObject({
        code: 'origin_not_allowed',
      })
      takeBack()
    }
    expect(sink.requests).toEqual([])
    expect(platform.requests).toHaveLength(2)
  })

  it('cannot lead there by a detour through its own origin', async () => {
    redirect('GET /memory', 302, '/api/v1/memory/hop')
    redirect('GET /memory/hop', 302)
    expect(await failure(client.fetch(`${platform.endpoints.mcpHttp}/memory`))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(platform.requestsTo('GET /memory/hop')).toHaveLength(1)
    expect(sink.requests).toEqual([])
  })
})

describe('★7 a redirect within the origin', () => {
  it('is followed for a request without a body', async () => {
    redirect('GET /memory', 302, '/api/v1/health')
    const answer = await client.fetch(`${platform.endpoints.mcpHttp}/memory`)
    expect(await answer.json()).toMatchObject({ status: 'ok' })
    expect(platform.requests.map(({ credential }) => credential)).toEqual(['api-key', 'api-key'])
  })

  it.each([307, 308])('is not followed with a body (%i)', async (status) => {
    redirect('POST /memory', status, '/api/v1/elsewhere')
    const error = await failure(client.memory.create({ title: 'Example', content: 'A secret' }))
    expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_response', status })
    expect(platform.requestsTo('/elsewhere')).toEqual([])
  })

  it('is followed five times and no more', async () => {
    redirect('GET /memory', 302, '/api/v1/memory')
    expect(await failure(client.fetch(`${platform.endpoints.mcpHttp}/memory`))).toMatchObject({
      code: 'invalid_response',
    })
    expect(platform.requests).toHaveLength(6)
  })
})

describe('★7 a request to another origin', () => {
  it.each(['GET', 'POST'])('is refused before it is sent (%s)', async (method) => {
    expect(await failure(client.fetch(`${sink.origin}/x`, { method }))).toMatchObject({
      name: 'AuthError',
      code: 'origin_not_allowed',
    })
    expect(await failure(client.fetch(new Request(`${sink.origin}/x`, { method })))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(sink.requests).toEqual([])
  })

  it('is refused although it looks like one of the services', async () => {
    const { host, port } = new URL(platform.endpoints.mcpHttp)
    const { port: sinkPort } = new URL(sink.origin)
    for (const url of [
      `http://${host}@127.0.0.1:${sinkPort}/`,
      `http://127.0.0.1:${sinkPort}/api/v1/memory`,
      `http://127.0.0.1:${sinkPort}/?${platform.endpoints.mcpHttp}`,
      `http://localhost:${port}/api/v1/memory`,
    ]) {
      expect(await failure(client.fetch(url))).toMatchObject({ code: 'origin_not_allowed' })
    }
    expect(sink.requests).toEqual([])
    expect(platform.requests).toEqual([])
  })

  it('does not renew a session on its way to the refusal', async () => {
    platform.clock.advance(900_000)
    await failure(client.fetch(sink.origin))
    expect(platform.requests).toEqual([])
  })
})

describe('★7 an authorization server that redirects a token request', () => {
  it.each([302, 303, 307, 308])('renews nothing and loses nothing (%i)', async (status) => {
    redirect('POST /oauth/token', status)
    platform.clock.advance(900_000)
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'refresh_failed' })
    expect(sink.requests).toEqual([])
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it.each([302, 307])('signs nobody in (%i)', async (status) => {
    redirect('POST /oauth/token', status)
    const other = clientOn(platform, { path: await configPath(), login: browserFlow(platform) })
    expect(await failure(other.login())).toMatchObject({
      name: 'AuthError',
      code: 'invalid_response',
    })
    expect(sink.requests).toEqual([])
    expect(await other.getSession()).toMatchObject({ status: 'signed-out' })
  })

  it.each([302, 307])('revokes nothing, and says so (%i)', async (status) => {
    redirect('POST /oauth/revoke', status)
    expect(await client.logout()).toMatchObject({ revoked: false, reason: expect.any(String) })
    expect(sink.requests).toEqual([])
  })

  it.each([302, 307])('tells nothing of a token (%i)', async (status) => {
    redirect('POST /oauth/introspect', status)
    expect(await failure(client.introspect())).toMatchObject({ code: 'invalid_response' })
    expect(sink.requests).toEqual([])
  })
})
