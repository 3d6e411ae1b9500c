import { cleanAddress } from './address.ts'
import type { RedirectPage } from './page.ts'
import { changeTransaction, readTransactions, type Transaction } from './transactions.ts'

/** Whose answers are looked for, and where. */
export interface Collection {
  readonly account: string
  /** Instead of the address of the page. */
  readonly url?: URL | undefined
}

/**
 * Finds the answer to a sign-in of this tab, and takes it out of the address bar. An answer whose state
 * is not one of ours belongs to somebody else: it stays where it is.
 *
 * | row | where | then |
 * |---|---|---|
 * | A | the address, for a request that is under way | it is put away until it is used: a reload in between loses nothing, unless the place takes nothing more |
 * | B | the address, for one that was answered before (back button, a reload of the server's page) | it is reported, and never used |
 * | C | put away by an earlier life of this page | it is used now |
 * | D | an earlier life of this page was ended while it used one | that is reported |
 *
 * @returns its state, and in row A the address
 */
export function collectAnswer(
  page: RedirectPage,
  { account, url }: Collection,
): { readonly state: string; readonly answer?: string } | undefined {
  const all = readTransactions(page, account)
  const address = new URL(page.location.href)
  const callback = url ?? address
  const state = stateIn(callback, all)
  if (state === undefined) {
    // Rows C, D.
    const open = Object.keys(all).find((one) => isOpen(all[one]))
    return url === undefined && open !== undefined ? { state: open } : undefined
  }
  const transaction = all[state]
  // First of all: a place that takes nothing more must not leave the code in the address.
  if (stateIn(address, all) === state) cleanAddress(page, transaction?.returnTo ?? '/')
  if (transaction?.step !== 'sent') return { state }
  const answer = callback.href
  try {
    changeTransaction(page, { account, state }, { ...transaction, step: 'answered', answer })
  } catch {
    // A full place: this life of the page can use it all the same.
  }
  return { state, answer }
}

function stateIn(url: URL, all: Readonly<Record<string, Transaction>>): string | undefined {
  return url.searchParams.getAll('state').find((state) => Object.hasOwn(all, state))
}

function isOpen(transaction: Transaction | undefined): boolean {
  return transaction?.step === 'answered' || transaction?.step === 'used'
}
