import type { ApiKeyRecord, IssuedApiKey } from './key-store.ts'

/** A key in lists and look-ups: without the key itself, which nobody has any more. */
export function describeKey(record: ApiKeyRecord): Record<string, unknown> {
  return {
    id: record.id,
    key_id: record.keyId,
    name: record.name,
    description: record.description,
    user_id: record.userId,
    access_level: record.accessLevel,
    permissions: record.permissions,
    created_at: new Date(record.createdAt).toISOString(),
    is_active: record.active,
    expires_at:
      record.expiresAt === undefined ? undefined : new Date(record.expiresAt).toISOString(),
  }
}

/** A key in the one answer that shows it: whole (`lano_…`), or in its two halves (roadmap §3.1). */
export function describeNewKey({ record, key, keySecret }: IssuedApiKey): Record<string, unknown> {
  const described = describeKey(record)
  return keySecret === undefined ? { ...described, key } : { ...described, key_secret: keySecret }
}
