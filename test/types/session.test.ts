import type { AuthErrorCode, Session, SessionApiKey, TokenKind } from '@lanonasis/auth-client'
import { describe, expectTypeOf, it } from 'vitest'

describe('Session', () => {
  it('is a union on status', () => {
    expectTypeOf<Session['status']>().toEqualTypeOf<
      'loading' | 'signed-out' | 'signed-in' | 'expired'
    >()
  })

  it('has the facts of the tokens once it is known that somebody is signed in', () => {
    const read = (session: Session) => {
      if (session.status === 'signed-in') {
        expectTypeOf(session.tokenKind).toEqualTypeOf<TokenKind>()
        expectTypeOf(session.expiresAt).toEqualTypeOf<number | undefined>()
        expectTypeOf(session.scope).toEqualTypeOf<string | undefined>()
        return session.tokenKind
      }
      // @ts-expect-error -- nobody is signed in: there are no tokens to tell of
      return session.tokenKind
    }
    expectTypeOf(read).toBeFunction()
  })

  it('says of the API key and of trouble whatever its status is', () => {
    expectTypeOf<Session['apiKey']>().toEqualTypeOf<SessionApiKey | undefined>()
    expectTypeOf<keyof SessionApiKey>().toEqualTypeOf<
      'publicId' | 'kind' | 'id' | 'name' | 'expiresAt'
    >()
    expectTypeOf<Session['legacy']>().toEqualTypeOf<boolean>()
    expectTypeOf<Session['degraded']>().toEqualTypeOf<
      { readonly code: AuthErrorCode; readonly since: number } | undefined
    >()
  })

  it('can be handled completely', () => {
    const label = (session: Session): string => {
      switch (session.status) {
        case 'loading':
          return '…'
        case 'signed-out':
        case 'expired':
          return 'Sign in'
        case 'signed-in':
          return `Until ${session.expiresAt ?? 'it is refused'}`
      }
    }
    expectTypeOf(label).returns.toEqualTypeOf<string>()
  })

  it('holds no credential, and cannot be changed', () => {
    type SignedIn = Extract<Session, { status: 'signed-in' }>
    expectTypeOf<keyof SignedIn>().toEqualTypeOf<
      | 'status'
      | 'expiresAt'
      | 'refreshExpiresAt'
      | 'scope'
      | 'tokenKind'
      | 'signInId'
      | 'apiKey'
      | 'legacy'
      | 'degraded'
    >()
    const change = (session: Session) => {
      // @ts-expect-error -- it is the client's to say
      session.status = 'signed-out'
    }
    expectTypeOf(change).toBeFunction()
  })
})
