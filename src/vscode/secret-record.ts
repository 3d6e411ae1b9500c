import { type Fields, fieldsOf, parseFields, textOf } from '../json/fields.ts'
import type { StoredAccount } from '../store/account.ts'
import { isAccount } from '../store/account-json.ts'
import type { StoredEntry } from '../store/store.ts'

/** What one secret holds: an account, its revision, and what newer versions have put beside them. */
export interface SecretRecord {
  readonly entry: StoredEntry
  readonly fields: Fields
}

/** @returns `undefined` for what is damaged */
export function readRecord(text: string): SecretRecord | undefined {
  const fields = parseFields(text)
  const revision = textOf(fields.revision)
  const account = fieldsOf(fields.account)
  if (revision === undefined || !isAccount(account)) return undefined
  return { entry: { value: account, revision }, fields }
}

export function writeRecord(
  before: SecretRecord | undefined,
  { account, revision }: { readonly account: StoredAccount; readonly revision: string },
): string {
  return JSON.stringify({ ...before?.fields, account, revision })
}
