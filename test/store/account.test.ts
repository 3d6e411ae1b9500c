import { describe, expect, it } from 'vitest'
import { emptyAccount, fromStored, toStored } from '../../src/session/account.ts'
import { type StoredAccount, tokenKind } from '../../src/store/account.ts'
import { epoch } from '../support/setup.ts'

const stored: StoredAccount = {
  session: {
    status: 'signed-in',
    tokens: {
      accessToken: 'access',
      refreshToken: 'refresh',
      tokenType: 'Bearer',
      kind: 'opaque',
      scope: 'memories:read',
      obtainedAt: epoch,
      expiresAt: epoch + 1,
      refreshExpiresAt: epoch + 2,
      origins: ['https://mcp.example'],
    },
  },
  apiKey: { value: 'key', id: 'id', name: 'name', origins: [] },
  legacyToken: 'legacy',
}

describe('tokenKind', () => {
  it('takes three parts for a JWT, and everything else for an opaque token', () => {
    expect(['a.b.c', 'eyJ.eyJ.', 'a.b', 'a.b.c.d', 'abc', 'a b.c.d', ''].map(tokenKind)).toEqual([
      'jwt',
      'jwt',
      ...Array(5).fill('opaque'),
    ])
  })
})

describe('a stored account', () => {
  it('comes back as it was', () => {
    expect(toStored(fromStored(stored, epoch))).toEqual(stored)
  })

  it.each(['expired', 'signed-out'] as const)('comes back as it was when it is %s', (status) => {
    expect(toStored(fromStored({ session: { status } }, epoch))).toMatchObject({
      session: { status },
    })
  })

  it('is nobody’s when nothing is stored', () => {
    expect(fromStored(undefined, epoch)).toBe(emptyAccount)
  })

  it('prints no credential on its way through the library', () => {
    expect(JSON.stringify(fromStored(stored, epoch))).not.toMatch(/"(access|refresh|key|legacy)"/)
  })

  it('counts tokens that do not say when they were obtained from now on', () => {
    const session = {
      status: 'signed-in',
      tokens: { accessToken: 'x', tokenType: 'Bearer', kind: 'opaque' },
    } as const
    expect(fromStored({ session }, epoch)).toMatchObject({
      session: { tokens: { obtainedAt: epoch } },
    })
  })
})
