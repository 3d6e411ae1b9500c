import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret/secret.ts'
import { type Account, emptyAccount } from '../../src/session/account.ts'
import { loadingSession, toSession } from '../../src/session/session.ts'
import { scope, tokensOf } from '../support/oauth.ts'
import { epoch } from '../support/setup.ts'

const view = { apiKey: undefined, degraded: undefined, now: epoch }
const signedIn: Account = {
  session: { status: 'signed-in', tokens: tokensOf('access', 'refresh') },
}
const key = `lano_${'0a'.repeat(32)}`

describe('toSession', () => {
  it('shows what may be seen of a person who is signed in', () => {
    expect(toSession(signedIn, view)).toEqual({
      status: 'signed-in',
      legacy: false,
      tokenKind: 'opaque',
      expiresAt: epoch + 900_000,
      refreshExpiresAt: epoch + 2_592_000_000,
      scope,
    })
  })

  it('names the sign-in that the tokens come from, where they say', () => {
    const tokens = { ...tokensOf('access', 'refresh'), signInId: 'the first' }
    const session = { status: 'signed-in', tokens } as const
    expect(toSession({ session }, view)).toMatchObject({ signInId: 'the first' })
    expect(toSession(signedIn, view)).not.toHaveProperty('signInId')
  })

  it('shows an API key by its public part, whoever is signed in', () => {
    const held = { apiKey: { secret: new Secret(key) } }
    expect(toSession({ ...emptyAccount, ...held }, view)).toEqual({
      status: 'signed-out',
      legacy: false,
      apiKey: { publicId: 'lano_0a0', kind: 'lano' },
    })
  })

  it('says what ends when: the session for good, and a key that was made with an end', () => {
    const tokens = { ...tokensOf('access', 'refresh'), refreshExpiresAt: epoch + 2 }
    const apiKey = { secret: new Secret(key), id: 'key-1', name: 'laptop', expiresAt: epoch + 3 }
    expect(toSession({ session: { status: 'signed-in', tokens }, apiKey }, view)).toMatchObject({
      refreshExpiresAt: epoch + 2,
      apiKey: {
        publicId: 'lano_0a0',
        kind: 'lano',
        id: 'key-1',
        name: 'laptop',
        expiresAt: epoch + 3,
      },
    })
  })

  it('shows the key that was passed in before the stored one, and none that is not a key', () => {
    const held = { ...emptyAccount, apiKey: { secret: new Secret(key) } }
    expect(toSession(held, { ...view, apiKey: 'pk_1.sk_2' }).apiKey?.publicId).toBe('pk_1')
    const broken = { ...emptyAccount, apiKey: { secret: new Secret('a0'.repeat(32)) } }
    expect(toSession(broken, view)).not.toHaveProperty('apiKey')
  })

  it('stays signed in while the session can be renewed, however old the access token is', () => {
    expect(toSession(signedIn, { ...view, now: epoch * 2 }).status).toBe('signed-in')
  })

  it('is expired when the access token has ended and nothing can renew it', () => {
    const bare: Account = { session: { status: 'signed-in', tokens: tokensOf('access') } }
    expect(toSession(bare, view).status).toBe('signed-in')
    expect(toSession(bare, { ...view, now: epoch + 900_000 }).status).toBe('expired')
  })

  it('says that a legacy token waits, and that renewals fail', () => {
    const account = { ...signedIn, legacyToken: new Secret('old') }
    const degraded = { code: 'rate_limited', since: epoch } as const
    expect(toSession(account, { ...view, degraded })).toMatchObject({ legacy: true, degraded })
  })

  it('cannot be changed by who gets it', () => {
    for (const account of [signedIn, emptyAccount]) {
      expect(Object.isFrozen(toSession(account, view))).toBe(true)
    }
    expect(Object.isFrozen(loadingSession)).toBe(true)
  })
})
