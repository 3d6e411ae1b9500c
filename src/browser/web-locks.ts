import type { BrowserWorld } from './world.ts'

/** Whether the pages of this origin can exclude each other. */
export function hasWebLocks({ navigator }: BrowserWorld): boolean {
  return navigator?.locks !== undefined
}

/** What to know of a store that tabs share, where they cannot. */
export const noLocksNote = 'This browser has no Web Locks: two tabs may renew at the same time.'
