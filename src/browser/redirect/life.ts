import type { Transaction } from './transactions.ts'

/** How long a person has for a sign-in. */
const lifeMs = 600_000

/** Whether a sign-in has had its time. The clock may have been set back since. */
export function isOver({ startedAt }: Pick<Transaction, 'startedAt'>, now: number): boolean {
  return Math.abs(now - startedAt) > lifeMs
}
