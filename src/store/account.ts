/**
 * The record of one account as stores keep it: plain JSON, times in epoch milliseconds.
 * Inside the library credentials are `Secret` objects; only here they are texts.
 */
export interface StoredAccount {
  /** Who is signed in, or that nobody is any more. */
  readonly session: StoredSession
  readonly apiKey?: StoredApiKey | undefined
  /** A token of the time before OAuth, used until it is exchanged or refused. */
  readonly legacyToken?: string | undefined
  /** The origins that the legacy token is for (★1), where the store knows. */
  readonly legacyOrigins?: readonly string[] | undefined
  /** A renewal that was begun: whoever finds it does not know whether the server has acted. */
  readonly intent?: StoredIntent | undefined
  /** Until when no token request is sent, over all who share the store. */
  readonly coolDown?: StoredCoolDown | undefined
  /**
   * Fingerprints of what imports have taken, the newest last: no import takes it a second time. They
   * outlive a sign-out, and cannot be used as credentials.
   */
  readonly imported?: readonly string[] | undefined
}

/** That a refresh token was about to be sent. */
export interface StoredIntent {
  /** SHA-256 (base64url) of the refresh token that was about to be sent. */
  readonly refreshTokenHash: string
  /** When it was written down, epoch ms. */
  readonly since: number
}

/** A pause between token requests. */
export interface StoredCoolDown {
  /** When it began; a reader whose clock is before that does not keep to it. */
  readonly since?: number | undefined
  /** When the next token request may be sent, epoch ms. */
  readonly until: number
  /** The code of the error that it follows. */
  readonly code: string
}

/** What is known of the session. A missing record counts as `signed-out`. */
export type StoredSession =
  | { readonly status: 'signed-in'; readonly tokens: StoredTokens }
  | {
      readonly status: 'expired'
      /** SHA-256 (base64url) of the refresh token that was refused, to tell a late success from a new sign-in. */
      readonly refreshTokenHash?: string | undefined
    }
  | {
      readonly status: 'signed-out'
      /** When somebody signed out. Without it, nobody has ever signed in. */
      readonly since?: number | undefined
    }

/**
 * How tokens are renewed: `opaque` pairs of PKCE at the token endpoint, `jwt` pairs of the password,
 * device and exchange logins at their own route (★16).
 */
export type TokenKind = 'opaque' | 'jwt'

/** Tokens as stores keep them. */
export interface StoredTokens {
  /** As it is sent. */
  readonly accessToken: string
  /** Without it the session ends with the access token. */
  readonly refreshToken?: string | undefined
  /** As the server calls it; `Bearer` for all that are known. */
  readonly tokenType: string
  /** Space-delimited, as granted. */
  readonly scope?: string | undefined
  /** How they are renewed. */
  readonly kind: TokenKind
  /** When the request that brought them was sent. */
  readonly obtainedAt?: number | undefined
  /** `undefined`: the server did not say. */
  readonly expiresAt?: number | undefined
  /** When the refresh token ends, epoch ms, where the server says. */
  readonly refreshExpiresAt?: number | undefined
  /** Which sign-in they come from; renewals keep it. */
  readonly signInId?: string | undefined
  /** The origins that these tokens were obtained for (★1); `undefined`: not recorded. */
  readonly origins?: readonly string[] | undefined
}

/** The API key in use, as stores keep it. */
export interface StoredApiKey {
  /** The full key. */
  readonly value: string
  /** The server's id of the key, where it was created by this library. */
  readonly id?: string | undefined
  /** Its name at the service, where it was created by this library. */
  readonly name?: string | undefined
  /** When it ends, epoch ms, where it was created by this library with an end. */
  readonly expiresAt?: number | undefined
  /** The origins that it was obtained for (★1); `undefined`: not recorded. */
  readonly origins?: readonly string[] | undefined
}

/** The family of a token, by its shape: a JWT is three base64url parts (RFC 7519 §3); all others are opaque. */
export function tokenKind(accessToken: string): TokenKind {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(accessToken) ? 'jwt' : 'opaque'
}
