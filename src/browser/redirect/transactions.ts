import { fieldsOf, isFields, parseFields, textOf } from '../../json/fields.ts'
import type { SuspendedAuthorization } from '../../login/flow.ts'
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
  /** Until the code is sent: afterwards nothing secret is kept. */
  readonly suspended?: SuspendedAuthorization | undefined
  /** Where the person was: path, query and fragment. */
  readonly returnTo: string
  /** With `answered`: the address that the person came back to. */
  readonly answer?: string | undefined
}

/** What a tab has begun for one account, by state: two sign-ins of a tab never mix, and two tabs share none. */
export type Transactions = Readonly<Record<string, Transaction>>

/** How long a person has for a sign-in. */
export const transactionLifeMs = 600_000

const steps = ['sent', 'answered', 'used', 'done'] as const

function placeOf(account: string): string {
  return `lanonasis-login:${account}`
}

/** What is kept, which other scripts of this origin may have changed. */
export function readTransactions(page: RedirectPage, account: string): Transactions {
  const text = page.sessionStorage.getItem(placeOf(account))
  if (text === null) return {}
  const read = Object.entries(parseFields(text)).map(([state, value]) => [
    state,
    transactionOf(state, value),
  ])
  return Object.fromEntries(read.filter(([, transaction]) => transaction !== undefined))
}

export function changeTransaction(
  page: RedirectPage,
  { account, state }: { readonly account: string; readonly state: string },
  transaction: Transaction,
): void {
  const all = { ...readTransactions(page, account), [state]: transaction }
  page.sessionStorage.setItem(placeOf(account), JSON.stringify(all))
}

/** Begins one, and forgets those that have had their time. */
export function beginTransaction(
  page: RedirectPage,
  { account, state }: { readonly account: string; readonly state: string },
  transaction: Transaction,
): void {
  const { startedAt } = transaction
  const live = Object.entries(readTransactions(page, account)).filter(
    ([, one]) => Math.abs(startedAt - one.startedAt) <= transactionLifeMs,
  )
  const all = { ...Object.fromEntries(live), [state]: transaction }
  page.sessionStorage.setItem(placeOf(account), JSON.stringify(all))
}

export function forgetTransactions(page: RedirectPage, account: string): void {
  page.sessionStorage.removeItem(placeOf(account))
}

function transactionOf(state: string, value: unknown): Transaction | undefined {
  const { step, startedAt, suspended, returnTo, answer } = fieldsOf(value)
  const known = steps.find((one) => one === step)
  if (known === undefined || typeof startedAt !== 'number') return undefined
  const { redirectUri, scope, verifier } = fieldsOf(suspended)
  return {
    step: known,
    startedAt,
    returnTo: textOf(returnTo) ?? '/',
    answer: textOf(answer),
    suspended: isFields(suspended)
      ? {
          state,
          redirectUri: String(redirectUri),
          scope: String(scope),
          verifier: String(verifier),
        }
      : undefined,
  }
}
