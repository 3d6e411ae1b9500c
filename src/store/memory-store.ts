import { memoryLock } from '../lock/memory-lock.ts'
import { type StoredAccount, type StoredTokens, tokenKind } from './account.ts'
import { nameOf, type StoredEntry, type StoreKey, type TokenStore } from './store.ts'

/** Credentials to start a {@link memoryStore} with, as a server or a test has them: plain texts, times in epoch ms. */
export interface InitialCredentials {
  /** A session that somebody else has begun. */
  readonly tokens?: {
    /** As it is sent. */
    readonly accessToken: string
    /** Without it the session ends with the access token. */
    readonly refreshToken?: string | undefined
    /** Default `Bearer`. */
    readonly tokenType?: string | undefined
    /** Epoch ms; without it the token is used until it is refused. */
    readonly expiresAt?: number | undefined
    /** Space-delimited, as granted. */
    readonly scope?: string | undefined
  }
  /** The full key, `pk_….sk_…` or another form. */
  readonly apiKey?: string
  /** A token of the time before OAuth. */
  readonly legacyToken?: string
  /** The client the tokens were issued to (★14). Another client does not get to see them. */
  readonly clientId?: string
}

/**
 * Keeps credentials in this object and nowhere else: for servers, tests, and short scripts.
 *
 * What it starts with belongs to the issuer of the first client that reads it.
 *
 * @example
 * ```ts
 * import { LanonasisClient, memoryStore } from '@lanonasis/auth-client'
 *
 * const client = new LanonasisClient({
 *   clientId: 'my-function',
 *   store: memoryStore({ tokens: { accessToken: 'from elsewhere', expiresAt: Date.now() + 60_000 } }),
 * })
 * ```
 */
export function memoryStore(initial?: InitialCredentials): TokenStore {
  const entries = new Map<string, StoredEntry>()
  const listeners = new Map<string, Set<() => void>>()
  let unclaimed = initial
  let revisions = 0

  function entryOf(key: StoreKey): StoredEntry | undefined {
    const name = nameOf(key)
    if (unclaimed !== undefined && (unclaimed.clientId ?? key.clientId) === key.clientId) {
      if (!entries.has(name)) entries.set(name, { value: toAccount(unclaimed), revision: next() })
      unclaimed = undefined
    }
    return entries.get(name)
  }

  function next(): string {
    revisions += 1
    return String(revisions)
  }

  function tell(name: string): void {
    for (const listener of [...(listeners.get(name) ?? [])]) queueMicrotask(listener)
  }

  return {
    lock: memoryLock(),

    async read(key) {
      return entryOf(key)
    },

    async commit(key, expectedRevision, value) {
      const name = nameOf(key)
      const current = entryOf(key)
      if (current?.revision !== expectedRevision) return { ok: false, current }
      const revision = next()
      // A copy, so that nobody changes by reference what was committed.
      if (value === undefined) entries.delete(name)
      else entries.set(name, { value: structuredClone(value), revision })
      tell(name)
      return { ok: true, revision }
    },

    async destroy(key) {
      const name = nameOf(key)
      // What it started with may be this account's, and nobody has asked for it yet.
      if (entryOf(key) === undefined) return
      entries.delete(name)
      tell(name)
    },

    watch(key, listener) {
      const name = nameOf(key)
      const watching = listeners.get(name) ?? new Set()
      listeners.set(name, watching.add(listener))
      return () => {
        watching.delete(listener)
      }
    },

    describe() {
      return { kind: 'memory', persistent: false, encrypted: false, shared: 'process' }
    },
  }
}

function toAccount({ tokens, apiKey, legacyToken }: InitialCredentials): StoredAccount {
  return {
    session: tokens ? { status: 'signed-in', tokens: toTokens(tokens) } : { status: 'signed-out' },
    apiKey: apiKey === undefined ? undefined : { value: apiKey },
    legacyToken,
  }
}

function toTokens(tokens: NonNullable<InitialCredentials['tokens']>): StoredTokens {
  const { accessToken, tokenType = 'Bearer', ...rest } = tokens
  return { ...rest, accessToken, tokenType, kind: tokenKind(accessToken) }
}
