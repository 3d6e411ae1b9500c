import { inspectApiKey } from '../api-keys/inspect.ts'
import { Secret } from '../secret/secret.ts'
import { tokenKind } from '../store/account.ts'
import type { Verdict } from './candidate.ts'
import type { Reading, TokensItem } from './content.ts'
import { judgeKey } from './judge-key.ts'
import { judgeLegacy } from './judge-legacy.ts'
import { jwtClaims } from './jwt-claims.ts'
import { type ImportingClient, type Ownership, ownershipOf } from './owner.ts'
import { isSendable } from './sendable.ts'
import { readTime } from './times.ts'

/** The documented life of an access token, for places that do not say when theirs ends. */
const accessTokenLifeMs = 900_000

/**
 * What tokens are worth. Their form decides and not their label (★29): opaque ones are of PKCE, JWTs of
 * the older sign-ins or of the time before OAuth (★16).
 *
 * | access token | refresh token that is (or may be) this client's | taken as |
 * |---|---|---|
 * | opaque or JWT | yes | tokens; an access token that has ended is renewed at its first use |
 * | opaque, good still | no | tokens that end at their expiry; only where the client may be this one |
 * | JWT, good still | no | legacy token (roadmap §1.1) |
 * | any that has ended | no | nothing |
 */
export function judgeTokens(item: TokensItem, reading: Reading, client: ImportingClient): Verdict {
  const refuse = (code: 'damaged' | 'expired' | 'other_client' | 'other_issuer', message: string) =>
    ({ kind: 'tokens', code, message }) as const
  const text = item.accessToken?.replace(/^Bearer\s+/i, '')
  if (text === undefined) return refuse('damaged', 'There is a refresh token without access token.')
  // The old packages kept keys in the place of tokens, too.
  if (item.tokenType === 'api-key' || inspectApiKey(text).ok) {
    return judgeKey({ type: 'api-key', text }, reading, client)
  }
  if (!isSendable(text)) return refuse('damaged', 'The access token is no token.')
  const kind = tokenKind(text)
  const ownership = ownerOfTokens(text, reading, client)
  if (!ownership.ours) return refuse('other_issuer', ownership.message)

  const { clientId } = reading.content
  const owner = clientId ?? reading.clientId
  const mayBeOurs = !reading.othersSession && (owner === undefined || owner === client.clientId)
  const expiresAt = expiryOf(item, { text, kind, reading })
  const hasEnded = expiresAt !== undefined && expiresAt <= client.now
  const refreshToken = refreshTokenOf(item, client)
  if (refreshToken !== undefined && mayBeOurs && ownership.fromGateway) {
    return {
      usable: {
        kind: 'tokens',
        location: reading.location,
        certain: owner === client.clientId,
        tokens: {
          ...tokenFields(item, { text, ownership }),
          refreshToken: new Secret(refreshToken),
          // Not known: so it is renewed at its first use, which costs one request.
          expiresAt: expiresAt ?? client.now,
        },
      },
    }
  }
  if (!mayBeOurs && (hasEnded || kind === 'opaque')) {
    const message = `These tokens are bound to the client ${printable(owner)}; sign in here.`
    return refuse('other_client', message)
  }
  if (hasEnded) {
    return refuse('expired', 'The access token has ended, and there is no refresh token with it.')
  }
  if (kind === 'jwt' || text.startsWith('cli_') || !ownership.fromGateway) {
    const verdict = judgeLegacy({ type: 'legacy-token', text }, reading, client)
    return { ...verdict, leavesRest: refreshToken !== undefined }
  }
  return {
    usable: {
      kind: 'tokens',
      location: reading.location,
      certain: owner === client.clientId,
      tokens: { ...tokenFields(item, { text, ownership }), expiresAt },
    },
    leavesRest: refreshToken !== undefined,
  }
}

function tokenFields(
  item: TokensItem,
  { text, ownership }: { text: string; ownership: Extract<Ownership, { ours: true }> },
) {
  const { tokenType = 'Bearer', scope, obtainedAt, refreshExpiresAt } = item
  return {
    accessToken: new Secret(text),
    tokenType: /^bearer$/i.test(tokenType) ? 'Bearer' : tokenType,
    scope,
    kind: tokenKind(text),
    obtainedAt,
    refreshExpiresAt,
    signInId: crypto.randomUUID(),
    origins: ownership.origins,
  }
}

/** A JWT names its issuer itself, where that is an address. */
function ownerOfTokens(text: string, reading: Reading, client: ImportingClient): Ownership {
  const { issuer, services } = reading.content
  const ownership = ownershipOf({ issuer, services }, client)
  const claimed = jwtClaims(text).iss
  if (!ownership.ours || typeof claimed !== 'string' || !URL.canParse(claimed)) return ownership
  const byClaim = ownershipOf({ issuer: claimed }, client)
  return byClaim.ours
    ? { ...ownership, fromGateway: ownership.fromGateway && byClaim.fromGateway }
    : byClaim
}

function refreshTokenOf(
  { refreshToken, refreshExpiresAt }: TokensItem,
  { now }: ImportingClient,
): string | undefined {
  if (refreshToken === undefined || !isSendable(refreshToken)) return undefined
  return refreshExpiresAt !== undefined && refreshExpiresAt <= now ? undefined : refreshToken
}

/**
 * When the access token ends, as well as the place can tell. `exp` of a JWT is only an upper bound; an
 * opaque token without any time has at most its documented life from when the place was written.
 */
function expiryOf(
  { expiresAt, expiresInMs, obtainedAt }: TokensItem,
  { text, kind, reading }: { text: string; kind: 'opaque' | 'jwt'; reading: Reading },
): number | undefined {
  const since = obtainedAt ?? reading.modifiedAt
  const after = (lifeMs: number | undefined) =>
    since === undefined || lifeMs === undefined ? undefined : since + lifeMs
  const known = expiresAt ?? after(expiresInMs)
  if (kind === 'jwt') {
    const claimed = readTime(jwtClaims(text).exp)
    return known !== undefined && claimed !== undefined
      ? Math.min(known, claimed)
      : (known ?? claimed)
  }
  return known ?? after(accessTokenLifeMs)
}

/** A client id comes from a file: only what looks like one is shown. */
function printable(clientId: string | undefined): string {
  return clientId !== undefined && /^[a-z][a-z0-9-]{1,40}$/.test(clientId)
    ? clientId
    : 'of another program'
}
