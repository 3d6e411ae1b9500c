import { sha256Hex } from '../crypto/digest.ts'
import { randomHex } from '../crypto/random.ts'

/** `roadmap`: `pk_….sk_…`, handed out as two halves; `lano`: `lano_` and 64 hex digits, in one piece. */
export type ApiKeyForm = 'roadmap' | 'lano'

/** An API key as the platform keeps it: by hash, so that nobody can show it again. */
export interface ApiKeyRecord {
  /** Stays the same when the secret is rotated (★21). */
  readonly id: string
  /** Whose it is. */
  readonly userId: string
  /** Unique among a person's active keys. */
  readonly name: string
  /** Such as `authenticated`. */
  readonly accessLevel: string
  /** The scopes it has. */
  readonly permissions: readonly string[]
  /** What its maker wrote about it. */
  readonly description: string | undefined
  /** Epoch ms, by the platform's clock. */
  readonly createdAt: number
  /** Epoch ms; `undefined`: it has no end. */
  expiresAt: number | undefined
  /** `false`: it was revoked. */
  active: boolean
  /** How it looks. */
  readonly form: ApiKeyForm
  /** The public half of the roadmap's form. */
  readonly keyId: string | undefined
  /** SHA-256 of the key, hex: the key itself is not kept. */
  hash: string
}

/** What creating a key needs. */
export interface NewApiKey {
  readonly userId: string
  readonly name: string
  readonly accessLevel: string
  readonly permissions: readonly string[]
  readonly description?: string | undefined
  readonly expiresAt?: number | undefined
  readonly form: ApiKeyForm
}

/** A record and the key itself, which only this answer holds. */
export interface IssuedApiKey {
  readonly record: ApiKeyRecord
  readonly key: string
  /** The secret half of the roadmap's form. */
  readonly keySecret: string | undefined
}

export interface ApiKeyStore {
  readonly all: readonly ApiKeyRecord[]
  create(key: NewApiKey): Promise<IssuedApiKey>
  get(id: string, userId: string): ApiKeyRecord | undefined
  /** A new secret under the same id; the old one is dead at once (★21). */
  rotate(record: ApiKeyRecord): Promise<IssuedApiKey>
  delete(record: ApiKeyRecord): void
  /** By the key, or by its SHA-256 where that is taken for the key itself (★9). */
  find(key: string, options: { acceptHash: boolean }): Promise<ApiKeyRecord | undefined>
}

export function createApiKeyStore(now: () => number): ApiKeyStore {
  const records = new Map<string, ApiKeyRecord>()

  return {
    get all() {
      return [...records.values()]
    },
    async create(options) {
      const keyId = options.form === 'roadmap' ? `pk_${randomHex(24)}` : undefined
      const secret = newSecret(keyId)
      const record: ApiKeyRecord = {
        id: crypto.randomUUID(),
        userId: options.userId,
        name: options.name,
        accessLevel: options.accessLevel,
        permissions: options.permissions,
        description: options.description,
        createdAt: now(),
        expiresAt: options.expiresAt,
        active: true,
        form: options.form,
        keyId,
        hash: '',
      }
      // Stored before anything is awaited: of two requests for one name, the second has to see the first.
      records.set(record.id, record)
      record.hash = await sha256Hex(secret.key)
      return { record, ...secret }
    },
    get(id, userId) {
      const record = records.get(id)
      return record?.userId === userId ? record : undefined
    },
    async rotate(record) {
      const secret = newSecret(record.keyId)
      record.hash = await sha256Hex(secret.key)
      return { record, ...secret }
    },
    delete(record) {
      records.delete(record.id)
    },
    async find(key, { acceptHash }) {
      const hash = await sha256Hex(key)
      for (const record of records.values()) {
        if (record.hash === hash || (acceptHash && key !== '' && record.hash === key)) return record
      }
      return undefined
    },
  }
}

function newSecret(keyId: string | undefined): { key: string; keySecret: string | undefined } {
  if (keyId === undefined) return { key: `lano_${randomHex(64)}`, keySecret: undefined }
  const keySecret = `sk_${randomHex(48)}`
  return { key: `${keyId}.${keySecret}`, keySecret }
}
