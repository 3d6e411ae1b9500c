import type { StoredAccount } from '../../../src/index.ts'

/** An account whose every secret can be told when it is found somewhere. */
export const secretAccount: StoredAccount = {
  session: {
    status: 'signed-in',
    tokens: {
      accessToken: 'access-token-that-nobody-may-see',
      refreshToken: 'refresh-token-that-nobody-may-see',
      tokenType: 'Bearer',
      kind: 'opaque',
    },
  },
  apiKey: { value: 'pk_visible.sk_that-nobody-may-see' },
  legacyToken: 'legacy-token-that-nobody-may-see',
}

/** What none of them may be found by. */
export const secretMark = 'that-nobody-may-see'

export const signedOut: StoredAccount = { session: { status: 'signed-out' } }
