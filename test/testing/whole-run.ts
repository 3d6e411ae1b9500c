import { expect } from 'vitest'
import type { Generation, Platform } from '../../src/testing.ts'
import * as s from './support.ts'

/** Everything a client does in its life, once, on one platform: in process and on sockets alike. */
export async function wholeRun(platform: Platform, generation: Generation) {
  const callback = new URL(await platform.signIn(s.authorizeUrl(platform)))
  expect(callback.href).toMatch(/^http:\/\/127\.0\.0\.1:8989\/callback\?code=.+&state=a-state$/)

  const exchanged = await s.exchange(platform, { code: callback.searchParams.get('code') })
  expect(exchanged.status).toBe(200)
  const first = await exchanged.json()
  expect(first).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
  expect([first.access_token.length, first.refresh_token.length]).toEqual([64, 86])

  const refreshed = await s.refresh(platform, first.refresh_token)
  const second = await refreshed.json()
  expect(await s.introspect(platform, first.access_token)).toEqual({ active: false })
  expect(await s.introspect(platform, second.access_token)).toMatchObject({
    active: true,
    client_id: 'lanonasis-cli',
    scope: 'memories:read memories:write',
  })

  const bearer = { authorization: `Bearer ${second.access_token}` }
  const created = await s.post(platform, s.mcp(platform, '/auth/api-keys'), {
    body: { name: 'my-laptop' },
    headers: bearer,
  })
  expect(created.status).toBe(201)
  const { data } = await created.json()
  const key = generation === 'roadmap' ? `${data.key_id}.${data.key_secret}` : data.key
  expect(key).toMatch(generation === 'roadmap' ? /^pk_\w+\.sk_\w+$/ : /^lano_[0-9a-f]{64}$/)

  const path = generation === 'roadmap' ? '/memory' : '/memories'
  const stored = await s.post(platform, s.mcp(platform, path), {
    body: { title: 'Example', content: 'Details', type: 'context', tags: ['tag'] },
    headers: { 'x-api-key': key },
  })
  expect(stored.status).toBe(201)
  const listed = await platform.fetch(s.mcp(platform, `${path}?tags=tag&limit=5`), {
    headers: { 'x-api-key': key },
  })
  const list = await listed.json()
  const memory = { title: 'Example', tags: ['tag'] }
  if (generation === 'roadmap') {
    expect(list).toMatchObject({
      memories: [{ ...memory, type: 'context' }],
      pagination: { total: 1, page: 1, pages: 1, limit: 5 },
    })
  } else {
    expect(list).toMatchObject({
      data: [{ ...memory, memory_type: 'context' }],
      pagination: { total: 1, offset: 0, limit: 5, has_next: false },
    })
  }

  const revoked = await s.post(platform, s.gateway(platform, '/oauth/revoke'), {
    body: { token: second.refresh_token, token_type_hint: 'refresh_token' },
    headers: { cookie: 'csrf-token=abc', 'x-csrf-token': 'abc' },
  })
  expect(await revoked.json()).toEqual({ revoked: true })
  expect(await s.introspect(platform, second.access_token)).toEqual({ active: false })
  expect((await s.refresh(platform, second.refresh_token)).status).toBe(400)
  expect(platform.requests.every(({ credential }) => credential !== 'both')).toBe(true)
}
