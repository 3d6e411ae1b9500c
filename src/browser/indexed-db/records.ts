import { isFields } from '../../json/fields.ts'
import { done } from './database.ts'
import { isSecret, type StoreSecret } from './sealed.ts'

/**
 * What lies in the database: sealed accounts under their names, which are JSON arrays; what was set
 * aside under `[name, when, …]`; and the secret under this name.
 */
const secretName = 'key'

/** What one transaction finds. */
export interface Found {
  readonly secret: StoreSecret | undefined
  /** As it lies there. */
  readonly record: unknown
}

export async function find(records: IDBObjectStore, name: string): Promise<Found> {
  const [secret, record] = await Promise.all([
    done<unknown>(records.get(secretName)),
    done<unknown>(records.get(name)),
  ])
  return { secret: isSecret(secret) ? secret : undefined, record }
}

/** Whether a record is the one that a caller has seen; `undefined`: none. */
export function isAt(record: unknown, revision: string | undefined): boolean {
  if (record === undefined || revision === undefined) return record === revision
  return revisionOf(record) === revision
}

/** The revision of a record, whatever else is wrong with it. */
function revisionOf(record: unknown): unknown {
  return isFields(record) ? record.revision : undefined
}

/** Puts the secret there unless there is one: who comes second uses that of the first. */
export async function keepSecret(records: IDBObjectStore, secret: StoreSecret): Promise<void> {
  if (isSecret(await done<unknown>(records.get(secretName)))) return
  await done(records.put(secret, secretName))
}

/** What `replace` writes, and over what. */
export interface Replacement {
  readonly name: string
  readonly expectedRevision: string | undefined
  /** The new fields, and the id of the secret they are sealed with; `undefined`: the record is removed. */
  readonly next: { readonly secretId: string; readonly fields: object } | undefined
}

/** Compares and writes. @returns `false` when the record or the secret is another one by now */
export async function replace(
  records: IDBObjectStore,
  { name, expectedRevision, next }: Replacement,
): Promise<boolean> {
  const { secret, record } = await find(records, name)
  if (!isAt(record, expectedRevision)) return false
  if (next === undefined) {
    await done(records.delete(name))
    return true
  }
  // Sealed with a secret that is no more, nobody could open it.
  if (secret?.id !== next.secretId) return false
  // Fields that a newer version may have added stay.
  await done(records.put({ ...(isFields(record) ? record : {}), ...next.fields }, name))
  return true
}

/** Puts away what cannot be read. @returns `false` when there is another record by now, or none */
export async function setAside(
  records: IDBObjectStore,
  { name, seen }: { readonly name: string; readonly seen: unknown },
): Promise<boolean> {
  const record = await done<unknown>(records.get(name))
  if (record === undefined || revisionOf(record) !== revisionOf(seen)) return false
  await done(records.put(record, [name, Date.now(), Math.random()]))
  await done(records.delete(name))
  return true
}

/** Removes what is under a name, set aside or not, and with the last also the secret. @returns whether nothing is left */
export async function remove(records: IDBObjectStore, name: string): Promise<boolean> {
  await done(records.delete(name))
  await done(records.delete(IDBKeyRange.bound([name], [name, []])))
  const left = await done(records.getAllKeys())
  if (left.some((other) => other !== secretName)) return false
  await done(records.delete(secretName))
  return true
}
