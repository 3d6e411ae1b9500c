import { Secret } from '../secret/secret.ts'
import type { StoredAccount, StoredTokens } from '../store/account.ts'

/** Tokens inside the library: the credentials are `Secret` objects. */
export interface Tokens extends Omit<StoredTokens, 'accessToken' | 'refreshToken'> {
  readonly accessToken: Secret
  readonly refreshToken?: Secret | undefined
}

/** An API key that is stored for this account. */
export interface HeldApiKey {
  readonly secret: Secret
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly expiresAt?: number | undefined
  readonly origins?: readonly string[] | undefined
}

/** What is held for one store key, as the library works with it. */
export interface Account {
  readonly session:
    | { readonly status: 'signed-in'; readonly tokens: Tokens }
    | { readonly status: 'expired'; readonly refreshTokenHash?: string | undefined }
    | { readonly status: 'signed-out'; readonly since?: number | undefined }
  readonly apiKey?: HeldApiKey | undefined
  readonly legacyToken?: Secret | undefined
  readonly legacyOrigins?: readonly string[] | undefined
  readonly intent?: StoredAccount['intent']
  readonly coolDown?: StoredAccount['coolDown']
  readonly imported?: StoredAccount['imported']
}

export const emptyAccount: Account = { session: { status: 'signed-out' } }

/**
 * @param seenAt now: tokens that do not say when they were obtained count from here, which only
 * makes the margin before their expiry smaller
 */
export function fromStored(stored: StoredAccount | undefined, seenAt: number): Account {
  if (stored === undefined) return emptyAccount
  const { session, apiKey, legacyToken, ...rest } = stored
  return {
    ...rest,
    session:
      session.status === 'signed-in'
        ? { status: 'signed-in', tokens: tokensFromStored(session.tokens, seenAt) }
        : session,
    apiKey: apiKey && heldApiKey(apiKey),
    legacyToken: secretOf(legacyToken),
  }
}

export function toStored({ session, apiKey, legacyToken, ...rest }: Account): StoredAccount {
  return {
    ...rest,
    session:
      session.status === 'signed-in'
        ? { status: 'signed-in', tokens: tokensToStored(session.tokens) }
        : session,
    apiKey: apiKey && storedApiKey(apiKey),
    legacyToken: legacyToken?.reveal(),
  }
}

function tokensFromStored(tokens: StoredTokens, seenAt: number): Tokens {
  const { accessToken, refreshToken, obtainedAt = seenAt, ...rest } = tokens
  return {
    ...rest,
    obtainedAt,
    accessToken: new Secret(accessToken),
    refreshToken: secretOf(refreshToken),
  }
}

function tokensToStored({ accessToken, refreshToken, ...rest }: Tokens): StoredTokens {
  return { ...rest, accessToken: accessToken.reveal(), refreshToken: refreshToken?.reveal() }
}

function heldApiKey({ value, ...rest }: NonNullable<StoredAccount['apiKey']>): HeldApiKey {
  return { ...rest, secret: new Secret(value) }
}

function storedApiKey({ secret, ...rest }: HeldApiKey): NonNullable<StoredAccount['apiKey']> {
  return { ...rest, value: secret.reveal() }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text)
}

/** The account with these tokens; whatever was under way for the ones before is settled. */
export function withTokens(account: Account, tokens: Tokens): Account {
  return {
    ...account,
    session: { status: 'signed-in', tokens },
    intent: undefined,
    coolDown: undefined,
  }
}

/** Whether these very tokens are what the account has. */
export function holds({ session }: Account, tokens: Tokens): boolean {
  return session.status === 'signed-in' && session.tokens.accessToken.equals(tokens.accessToken)
}

/** Whether the account has a session that these tokens are no part of: of another sign-in, or none any more. */
export function hasLeft({ session }: Account, tokens: Tokens): boolean {
  if (session.status !== 'signed-in') return true
  const { refreshToken, signInId } = session.tokens
  // A server that does not rotate gives the same refresh token to everybody.
  return signInId !== tokens.signInId && !refreshToken?.equals(tokens.refreshToken)
}

/** The account with a new pair in the place of its predecessor, or `undefined` where somebody else has decided otherwise. */
export function succeed(
  current: Account,
  { tokens, predecessor, hash }: { tokens: Tokens; predecessor: Tokens; hash: string },
): Account | undefined {
  const { session } = current
  const givenUp = session.status === 'expired' && session.refreshTokenHash === hash
  return holds(current, predecessor) || givenUp ? withTokens(current, tokens) : undefined
}
