import { raceSignal, startDeadline } from '../../async/abort.ts'
import { toBase64Url } from '../../bytes/base64url.ts'
import type { Content, Reading, Unread } from '../../import/content.ts'
import { readBareKey } from '../../import/formats/api-key.ts'
import { readText } from '../../import/formats/read-text.ts'
import { Secret } from '../../secret/secret.ts'
import { tokenHash } from '../../session/token-hash.ts'

/** What is needed of an extension's `SecretStorage`. */
export interface OldSecrets {
  /** As of `SecretStorage`. */
  get(name: string): PromiseLike<string | undefined>
  /** As of `SecretStorage`. */
  delete(name: string): PromiseLike<void>
}

const names = {
  token: 'lanonasis.authToken',
  refreshToken: 'lanonasis.refreshToken',
  rawKey: 'lanonasis.apiKey.raw',
  key: 'lanonasis.apiKey',
  type: 'lanonasis.credentialType',
} as const

/** What the old extension has stored. */
export interface OldEntries {
  readonly readings: readonly Reading[]
  readonly unread: readonly Unread[]
  /** The names of all secrets that a reading was made of. */
  readonly namesOf: (location: string) => readonly string[]
  /** Secrets that are no credentials, and of no use when all of these are gone. */
  readonly labels: readonly string[]
}

/** A secret storage whose keychain waits for a person must not hold up an extension. */
const timeoutMs = 10_000

/** Reads what the old extension has stored of its own: its client is the one that imports. */
export async function readOldSecrets(
  secrets: OldSecrets,
  { clientId, signal }: { readonly clientId: string; readonly signal: AbortSignal | undefined },
): Promise<OldEntries> {
  const deadline = startDeadline(timeoutMs, signal)
  try {
    const values = await raceSignal(
      Promise.all(Object.values(names).map((name) => secrets.get(name))),
      deadline.signal,
    )
    const [token, refreshToken, rawKey, key, type] = values
    return await toEntries({ token, refreshToken, rawKey, key, type }, clientId)
  } catch (error) {
    if (signal?.aborted) throw error
    const message = 'The editor could not read its secret storage.'
    const unread: Unread = { location: 'SecretStorage', code: 'unreadable', message }
    return { readings: [], unread: [unread], namesOf: () => [], labels: [] }
  } finally {
    deadline.dispose()
  }
}

type Values = { readonly [Name in keyof typeof names]: string | undefined }

async function toEntries(
  { token, refreshToken, rawKey, key, type }: Values,
  clientId: string,
): Promise<OldEntries> {
  const readings: Reading[] = []
  const madeOf = new Map<string, readonly string[]>()
  const add = (location: string, content: Content, parts: readonly string[]) => {
    readings.push({ place: 'secret-storage', location, clientId, content })
    madeOf.set(location, [location, ...parts])
  }
  const stored = token === undefined ? undefined : withRefreshToken(readText(token), refreshToken)
  const raw = rawKey?.trim() ?? ''
  const plain = key?.trim() ?? ''
  // After an OAuth sign-in the old extension kept the access token under the names of the key, too.
  const accessToken = accessTokenIn(stored)
  const rawIsToken = await isOf(accessToken, raw)
  const plainIsToken = await isOf(accessToken, plain)
  const plainIsRaw = await isOf(raw, plain)
  const keys = [
    ...(raw === '' || rawIsToken ? [] : [{ name: names.rawKey, value: raw }]),
    ...(plain === '' || plainIsToken || plainIsRaw ? [] : [{ name: names.key, value: plain }]),
  ]
  // With two keys it says something of both, so it goes with neither.
  const typeName = keys.length < 2 ? [names.type] : []
  if (stored !== undefined) {
    add(names.token, stored, [
      ...(hasRefreshToken(stored, refreshToken) ? [names.refreshToken] : []),
      ...(rawIsToken ? [names.rawKey] : []),
      ...(plainIsToken ? [names.key] : []),
      ...(keys.length === 0 ? typeName : []),
    ])
  }
  for (const [index, { name, value }] of keys.entries()) {
    const besides = stored || index > 0 ? undefined : refreshToken
    const content = type === 'oauth' ? bareToken(value, besides) : readBareKey(value)
    const twin = name === names.rawKey && (plainIsRaw || plain === '') ? [names.key] : []
    const refresh = hasRefreshToken(content, besides) ? [names.refreshToken] : []
    add(name, content, [...twin, ...refresh, ...typeName])
  }
  return {
    readings,
    unread: [],
    namesOf: (location) => madeOf.get(location) ?? [],
    labels: type === undefined ? [] : [names.type],
  }
}

/** Whether a value is the secret itself, or the SHA-256 of it that the old extension kept beside it. */
async function isOf(secret: string | undefined, value: string): Promise<boolean> {
  if (secret === undefined || secret === '' || value === '') return false
  if (value === secret) return true
  if (!/^[0-9a-f]{64}$/i.test(value)) return false
  const bytes = Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return toBase64Url(bytes) === (await tokenHash(new Secret(secret)))
}

function hasRefreshToken({ items }: Content, refreshToken: string | undefined): boolean {
  return items.some(
    (item) =>
      item.type === 'tokens' && refreshToken !== undefined && item.refreshToken === refreshToken,
  )
}

function bareToken(accessToken: string, refreshToken: string | undefined): Content {
  return { format: 'tokens', items: [{ type: 'tokens', accessToken, refreshToken }], problems: [] }
}

function withRefreshToken(content: Content, refreshToken: string | undefined): Content {
  const items = content.items.map((item) =>
    item.type === 'tokens' ? { ...item, refreshToken: item.refreshToken ?? refreshToken } : item,
  )
  return { ...content, items }
}

function accessTokenIn(content: Content | undefined): string | undefined {
  const item = content?.items.find(({ type }) => type === 'tokens')
  return item?.type === 'tokens' ? item.accessToken : undefined
}
