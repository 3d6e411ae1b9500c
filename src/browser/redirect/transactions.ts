import { fieldsOf, parseFields, textOf } from '../../json/fields.ts'
import type { RedirectPage } from './page.ts'

/** A sign-in that this tab has begun. */
export interface Transaction {
  /**
   * `sent`: the person is at the server. `answered`: the answer has come and was not used. `used`: its
   * code is being exchanged, or that was interrupted. `done`: it has ended.
   */
  readonly step: 'sent' | 'answered' | 'used' | 'done'
  /** Epoch ms. */
  readonly startedAt: number
  /** A `SuspendedAuthorization`, until the code is sent: afterwards nothing secret is kept. */
  readonly suspended?: unknown
  /** Where the person was: path, query and fragment. */
  readonly returnTo: string
  /** With `answered`: the address that the person came back to. */
  readonly answer?: string | undefined
}

/** What a tab has begun for one account, by state: two sign-ins of a tab never mix, and two tabs share none. */
export type Transactions = Readonly<Record<string, Transaction>>

const steps = ['sent', 'answered', 'used', 'done'] as const

function placeOf(account: string): string {
  return `lanonasis-login:${account}`
}

/** What is kept, which other scripts of this origin may have changed. */
export function readTransactions(page: RedirectPage, account: string): Transactions {
  const text = page.sessionStorage.getItem(placeOf(account))
  if (text === null) return {}
  const read = Object.entries(parseFields(text)).flatMap(([state, value]) => {
    const transaction = transactionOf(value)
    return transaction === undefined ? [] : [[state, transaction] as const]
  })
  return Object.fromEntries(read)
}

export function changeTransaction(
  page: RedirectPage,
  { account, state }: { readonly account: string; readonly state: string },
  transaction: Transaction,
): void {
  const all = { ...readTransactions(page, account), [state]: transaction }
  writeTransactions(page, { account, all })
}

export function writeTransactions(
  page: RedirectPage,
  { account, all }: { readonly account: string; readonly all: Transactions },
): void {
  // Even where there is nothing to keep: it shows that there could be.
  page.sessionStorage.setItem(placeOf(account), JSON.stringify(all))
  if (Object.keys(all).length === 0) forgetTransactions(page, account)
}

export function forgetTransactions(page: RedirectPage, account: string): void {
  page.sessionStorage.removeItem(placeOf(account))
}

function transactionOf(value: unknown): Transaction | undefined {
  const { step, startedAt, suspended, returnTo, answer } = fieldsOf(value)
  const known = steps.find((one) => one === step)
  if (known === undefined || typeof startedAt !== 'number') return undefined
  return {
    step: known,
    startedAt,
    returnTo: textOf(returnTo) ?? '/',
    answer: textOf(answer),
    suspended,
  }
}
