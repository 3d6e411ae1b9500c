import { describe, expect, it } from 'vitest'
import { errorFromResponse } from '../../src/http/response-error.ts'
import { failure } from '../support/async.ts'
import { json } from '../support/fetches.ts'
import { signedIn } from '../support/setup.ts'

const challenge = {
  'www-authenticate':
    'Bearer realm="mcp", error="insufficient_scope", scope="memories:read memories:delete"',
}
const request = { service: 'MCP Core', credential: 'bearer', now: 0 } as const

describe('a request that needs more scope than was granted', () => {
  it('names what is missing, in the message, in the hint and as data (RFC 6750 §3.1)', async () => {
    const error = await errorFromResponse(json(403, {}, challenge), {
      ...request,
      grantedScope: 'memories:read memories:write',
    })
    expect(error).toMatchObject({
      code: 'insufficient_scope',
      status: 403,
      missingScope: 'memories:delete',
      message: 'MCP Core wants a scope that was not granted: memories:delete.',
      hint: expect.stringContaining('memories:delete'),
    })
    expect(error.toJSON()).toMatchObject({ missingScope: 'memories:delete' })
  })

  it.each([
    ['required_scopes', { error: 'insufficient_scope', required_scopes: ['memories:delete'] }],
    ['required_scope', { code: 'SCOPE_INSUFFICIENT', required_scope: 'memories:delete' }],
    ['scope', { error: { code: 'insufficient_scope' }, scope: 'memories:delete' }],
  ])('reads it from the field %s where a service has no challenge', async (_name, body) => {
    expect(await errorFromResponse(json(403, body), request)).toMatchObject({
      code: 'insufficient_scope',
      missingScope: 'memories:delete',
    })
  })

  it('names all that is needed when that is no more than was granted, or nobody knows', async () => {
    for (const grantedScope of [undefined, 'memories:read memories:delete']) {
      const error = await errorFromResponse(json(403, {}, challenge), { ...request, grantedScope })
      expect(error.missingScope).toBe('memories:read memories:delete')
    }
  })

  it('is nothing but insufficient_scope when the service does not say more', async () => {
    const error = await errorFromResponse(json(403, { error: 'insufficient_scope' }), request)
    expect(error).toMatchObject({ code: 'insufficient_scope' })
    expect(error).not.toHaveProperty('missingScope')
    expect(error.toJSON()).not.toHaveProperty('missingScope')
  })

  it('repeats nothing that may be a credential, or a command for a terminal', async () => {
    for (const scope of ['A'.repeat(64), 'a.b.c'.repeat(10), 'x\u001b[31m', '"x"', '']) {
      const error = await errorFromResponse(
        json(403, { error: 'insufficient_scope', required_scope: scope }),
        request,
      )
      expect(error).not.toHaveProperty('missingScope')
    }
  })

  it('is told by the typed calls, against what the session was granted', async () => {
    const { client, platform } = await signedIn()
    platform.order({
      match: 'DELETE /memories/*',
      action: { status: 403, body: {}, headers: challenge },
    })
    platform.order({
      match: 'DELETE /memory/*',
      action: { status: 403, body: {}, headers: challenge },
    })
    expect(await failure(client.memory.delete('an-id'))).toMatchObject({
      code: 'insufficient_scope',
      missingScope: 'memories:delete',
    })
  })
})

describe('a grant that is narrower than what was asked for', () => {
  it('is no failure, and the session says what was granted (RFC 6749 §3.3)', async () => {
    const { client, platform } = await signedIn({
      login: {
        name: 'person',
        canRun: () => ({ ok: true }),
        async run({ authorize }) {
          const request = await authorize({ redirectUri: 'http://127.0.0.1:8989/callback' })
          return request.finish(new URL(await platform.signIn(request.url)))
        },
      },
    })
    platform.order({
      match: 'POST /oauth/token',
      action: {
        status: 200,
        body: {
          access_token: 'a'.repeat(64),
          token_type: 'Bearer',
          expires_in: 900,
          scope: 'memories:read',
        },
      },
    })
    expect(await client.login({ scope: 'memories:read memories:write' })).toMatchObject({
      status: 'signed-in',
      scope: 'memories:read',
    })
  })
})
