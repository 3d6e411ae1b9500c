import { raceSignal, startDeadline } from '../../async/abort.ts'
import type { Content, Reading, Unread } from '../../import/content.ts'
import { readBareKey } from '../../import/formats/api-key.ts'
import { readText } from '../../import/formats/read-text.ts'

/** What is needed of an extension's `SecretStorage`. */
export interface OldSecrets {
  /** The secret under this name. */
  get(name: string): PromiseLike<string | undefined>
  /** Removes it. */
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
}

/** A secret storage whose keychain waits for a person must not hold up an extension. */
const timeoutMs = 10_000

/** Reads what the old extension has stored of its own. */
export async function readOldSecrets(
  secrets: OldSecrets,
  signal: AbortSignal | undefined,
): Promise<OldEntries> {
  const deadline = startDeadline(timeoutMs, signal)
  try {
    const values = await raceSignal(
      Promise.all(Object.values(names).map((name) => secrets.get(name))),
      deadline.signal,
    )
    const [token, refreshToken, rawKey, key, type] = values
    return toEntries({ token, refreshToken, rawKey, key, type })
  } catch (error) {
    if (signal?.aborted) throw error
    const message = 'The editor could not read its secret storage.'
    const unread: Unread = { location: 'SecretStorage', code: 'unreadable', message }
    return { readings: [], unread: [unread], namesOf: () => [] }
  } finally {
    deadline.dispose()
  }
}

type Values = { readonly [Name in keyof typeof names]: string | undefined }

function toEntries({ token, refreshToken, rawKey, key, type }: Values): OldEntries {
  const readings: Reading[] = []
  const madeOf = new Map<string, readonly string[]>()
  const add = (location: string, content: Content, ...parts: string[]) => {
    readings.push({ place: 'secret-storage', location, content })
    madeOf.set(location, [location, ...parts])
  }
  const stored = token === undefined ? undefined : readText(token)
  const value = (rawKey ?? key)?.trim()
  // After an OAuth sign-in the old extension kept the access token under the names of the key, too.
  const isToken = value !== undefined && value === accessTokenIn(stored)
  const keyNames = [names.rawKey, names.key, names.type]
  if (stored !== undefined) {
    const content = withRefreshToken(stored, refreshToken)
    add(names.token, content, names.refreshToken, ...(isToken ? keyNames : []))
  }
  if (value !== undefined && value !== '' && !isToken) {
    const location = rawKey === undefined ? names.key : names.rawKey
    // The SHA-256 beside a raw key is that of the key, and nothing of its own.
    const content =
      type === 'oauth' ? bareToken(value, stored ? undefined : refreshToken) : readBareKey(value)
    add(location, content, ...keyNames.filter((name) => name !== location))
  }
  return { readings, unread: [], namesOf: (location) => madeOf.get(location) ?? [] }
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
