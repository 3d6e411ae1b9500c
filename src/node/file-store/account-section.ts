import { type Fields, fieldsOf, textOf } from '../../json/fields.ts'
import {
  type StoredAccount,
  type StoredApiKey,
  type StoredCoolDown,
  type StoredIntent,
  type StoredSession,
  type StoredTokens,
  tokenKind,
} from '../../store/account.ts'

/**
 * One account as the config file writes it (roadmap §1.1): `auth` itself, or an entry of `auth.accounts`.
 *
 * The roadmap's fields are `tokens`, `legacyToken`, `api_key` and `client_id`. What it has no field for
 * is additive: `tokens.issuer`, `.token_kind`, `.obtained_at`, `.refresh_expires_at`, `.origins`,
 * `api_key_details`, `legacy_origins`, `session`, `intent`, `cool_down`, `imported`, `revision`. Fields this version does
 * not know are kept.
 */
export function readSection(
  section: Fields,
  origins: readonly string[],
): StoredAccount | undefined {
  const tokens = readTokens(fieldsOf(section.tokens), origins)
  const legacyToken = textOf(section.legacyToken)
  const apiKey = readApiKey(section, origins)
  const session = readSession(tokens, fieldsOf(section.session))
  const empty = session === undefined && apiKey === undefined && legacyToken === undefined
  if (empty) return undefined
  return {
    session: session ?? { status: 'signed-out' },
    apiKey,
    legacyToken,
    legacyOrigins: legacyToken === undefined ? undefined : legacyOriginsOf(section, origins),
    // They go with credentials: by themselves they are no account.
    intent: readIntent(fieldsOf(section.intent)),
    coolDown: readCoolDown(fieldsOf(section.cool_down)),
    imported: readTexts(section.imported),
  }
}

/** The section with this account in it, everything else as it was. */
export function writeSection(
  section: Fields,
  account: StoredAccount,
  identity: { readonly issuer: string; readonly clientId: string; readonly revision: string },
): Fields {
  const { session, apiKey, legacyToken, legacyOrigins, intent, coolDown, imported } = account
  const { issuer, clientId, revision } = identity
  return {
    ...withoutAccount(section),
    tokens:
      session.status === 'signed-in'
        ? { ...fieldsOf(section.tokens), ...tokenFields(session.tokens), issuer }
        : undefined,
    legacyToken,
    legacy_origins: legacyOrigins,
    api_key: apiKey?.value,
    api_key_details: apiKey && {
      ...fieldsOf(section.api_key_details),
      id: apiKey.id,
      name: apiKey.name,
      expires_at: writeTime(apiKey.expiresAt),
      origins: apiKey.origins,
      issuer,
    },
    client_id: clientId,
    session: session.status === 'signed-in' ? undefined : { ...sessionFields(session), issuer },
    intent: intent && { ...fieldsOf(section.intent), ...intentFields(intent) },
    cool_down: coolDown && { ...fieldsOf(section.cool_down), ...coolDownFields(coolDown) },
    imported,
    revision,
  }
}

/** The section without the account's own fields; whatever else is there stays. */
export function withoutAccount(section: Fields): Fields {
  const { tokens, legacyToken, legacy_origins, api_key, api_key_details, session, ...more } =
    section
  const { intent, cool_down, imported, revision, ...rest } = more
  return rest
}

/** The issuer that a section names itself; a file by another program does not. */
export function sectionIssuer(section: Fields): string | undefined {
  const parts = [section.tokens, section.api_key_details, section.session]
  return parts.map((part) => textOf(fieldsOf(part).issuer)).find((issuer) => issuer !== undefined)
}

function readTokens(fields: Fields, origins: readonly string[]): StoredTokens | undefined {
  const accessToken = textOf(fields.access_token)
  if (accessToken === undefined) return undefined
  return {
    accessToken,
    refreshToken: textOf(fields.refresh_token),
    tokenType: textOf(fields.token_type) ?? 'Bearer',
    scope: textOf(fields.scope),
    kind: fields.token_kind === 'jwt' || tokenKind(accessToken) === 'jwt' ? 'jwt' : 'opaque',
    obtainedAt: readTime(fields.obtained_at),
    expiresAt: readTime(fields.expires_at),
    refreshExpiresAt: readTime(fields.refresh_expires_at),
    signInId: textOf(fields.sign_in_id),
    origins: readTexts(fields.origins) ?? origins,
  }
}

function tokenFields(tokens: StoredTokens): Fields {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    token_type: tokens.tokenType,
    expires_at: writeTime(tokens.expiresAt),
    scope: tokens.scope,
    token_kind: tokens.kind,
    obtained_at: writeTime(tokens.obtainedAt),
    refresh_expires_at: writeTime(tokens.refreshExpiresAt),
    sign_in_id: tokens.signInId,
    origins: tokens.origins,
  }
}

function readApiKey(section: Fields, origins: readonly string[]): StoredApiKey | undefined {
  const value = textOf(section.api_key)
  if (value === undefined) return undefined
  const details = fieldsOf(section.api_key_details)
  return {
    value,
    id: textOf(details.id),
    name: textOf(details.name),
    expiresAt: readTime(details.expires_at),
    origins: readTexts(details.origins) ?? origins,
  }
}

function readSession(tokens: StoredTokens | undefined, fields: Fields): StoredSession | undefined {
  if (tokens !== undefined) return { status: 'signed-in', tokens }
  if (fields.status === 'expired') {
    return { status: 'expired', refreshTokenHash: textOf(fields.refresh_token_hash) }
  }
  return fields.status === 'signed-out'
    ? { status: 'signed-out', since: readTime(fields.since) }
    : undefined
}

function sessionFields(session: Exclude<StoredSession, { status: 'signed-in' }>): Fields {
  return session.status === 'expired'
    ? { status: 'expired', refresh_token_hash: session.refreshTokenHash }
    : { status: 'signed-out', since: writeTime(session.since) }
}

function readIntent(fields: Fields): StoredIntent | undefined {
  const refreshTokenHash = textOf(fields.refresh_token_hash)
  const since = readTime(fields.since)
  return refreshTokenHash === undefined || since === undefined
    ? undefined
    : { refreshTokenHash, since }
}

function intentFields({ refreshTokenHash, since }: StoredIntent): Fields {
  return { refresh_token_hash: refreshTokenHash, since: writeTime(since) }
}

function readCoolDown(fields: Fields): StoredCoolDown | undefined {
  const until = readTime(fields.until)
  const code = textOf(fields.code)
  return until === undefined || code === undefined
    ? undefined
    : { since: readTime(fields.since), until, code }
}

function coolDownFields({ since, until, code }: StoredCoolDown): Fields {
  return { since: writeTime(since), until: writeTime(until), code }
}

/** What this library wrote says it itself; any other program meant the services of the same file. */
function legacyOriginsOf(
  section: Fields,
  origins: readonly string[],
): readonly string[] | undefined {
  const own = textOf(section.revision) !== undefined
  return readTexts(section.legacy_origins) ?? (own ? undefined : origins)
}

function readTexts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
}

/** ISO 8601 at the file's boundary only (roadmap §1.1). */
function readTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

function writeTime(time: number | undefined): string | undefined {
  // A server may promise more time than a date can hold.
  const date = new Date(time ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
