import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseTokens } from '../../src/oauth/tokens.ts'
import { epoch } from '../support/setup.ts'

const parse = (body: unknown, scope?: string) =>
  parseTokens(body, { sentAt: epoch, scope, host: 'h' })
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'

describe('parseTokens', () => {
  it("reads the gateway's answer", () => {
    const tokens = parse({
      token_type: 'Bearer',
      access_token: 'access',
      refresh_token: 'refresh',
      expires_in: 900,
      refresh_expires_in: 2_592_000,
      scope: 'memories:read',
    })
    expect(tokens).toMatchObject({
      tokenType: 'Bearer',
      kind: 'opaque',
      scope: 'memories:read',
      obtainedAt: epoch,
      expiresAt: epoch + 900_000,
      refreshExpiresAt: epoch + 2_592_000_000,
    })
    expect([tokens.accessToken.reveal(), tokens.refreshToken?.reveal()]).toEqual([
      'access',
      'refresh',
    ])
  })

  it('reads an answer that is wrapped, as some services do', () => {
    expect(parse({ data: { access_token: jwt, expires_in: '900' } })).toMatchObject({
      kind: 'jwt',
      expiresAt: epoch + 900_000,
    })
  })

  it('keeps a new access token although other fields are unusable: the old one is dead', () => {
    const tokens = parse(
      {
        access_token: 'access',
        refresh_token: 12,
        expires_in: 'soon',
        scope: null,
        token_type: {},
      },
      'asked:for',
    )
    expect(tokens).toMatchObject({ scope: 'asked:for', expiresAt: undefined })
    expect(tokens.refreshToken).toBeUndefined()
  })

  it.each([
    [undefined],
    [null],
    ['access'],
    [[]],
    [{}],
    [{ access_token: '' }],
    [{ access_token: 1 }],
    [{ data: {} }],
  ])('finds no access token in %j', (body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'invalid_response' }))
  })

  it('gives nothing that can be printed', () => {
    const tokens = parse({ access_token: 'canary-1', refresh_token: 'canary-2' })
    const printed = inspect(tokens, { depth: 10, showHidden: true }) + JSON.stringify(tokens)
    expect(printed).not.toContain('canary')
  })
})
