import { isFields } from '../../json/fields.ts'
import type { StoredAccount } from '../../store/account.ts'
import { readAccount, writeAccount } from '../../store/account-json.ts'
import type { StoredEntry } from '../../store/store.ts'
import { knownFormat, requireKnownFormat } from '../format.ts'
import type { Vault } from './attempt.ts'
import type { Found } from './records.ts'
import { isSealed, type StoreSecret, seal, unseal } from './sealed.ts'

/** The fields of a record with this account in it, to be kept under this name with this revision. */
export async function sealAccount(
  { crypto, name: database }: Vault,
  given: {
    readonly name: string
    readonly value: StoredAccount
    readonly revision: string
    readonly secret: StoreSecret
  },
): Promise<object> {
  const { name, value, revision, secret } = given
  const boundTo = [database, name, revision]
  const sealed = await seal({ crypto, key: secret.key, boundTo }, writeAccount(value))
  return { format: knownFormat, revision, ...sealed }
}

/**
 * @returns `undefined` when it cannot be opened: it is damaged, or its key is lost
 * @throws AuthError `store_unavailable` when it is of a newer format
 */
export async function openAccount(
  { crypto, name: database }: Vault,
  { name, record, secret }: Found & { readonly name: string },
): Promise<StoredEntry | undefined> {
  if (!isFields(record)) return undefined
  const { format, revision } = record
  requireKnownFormat(format, database)
  if (typeof revision !== 'string' || !isSealed(record) || secret === undefined) return undefined
  const boundTo = [database, name, revision]
  try {
    const value = readAccount(await unseal({ crypto, key: secret.key, boundTo }, record))
    return value && { value, revision }
  } catch {
    return undefined
  }
}
