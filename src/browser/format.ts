import { AuthError } from '../errors/auth-error.ts'

/** How a record is written. Versions that change what its fields mean raise it. */
export const knownFormat = 1

/** @throws AuthError `store_unavailable` for what a newer version has written */
export function requireKnownFormat(format: unknown, location: string): void {
  if (typeof format !== 'number' || format <= knownFormat) return
  throw new AuthError('store_unavailable', `${location} was written by a newer version.`, {
    retryable: false,
    hint: 'Reload the page: this version cannot read what a newer one has stored, and leaves it as it is.',
  })
}
