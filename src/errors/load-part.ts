import { AuthError } from './auth-error.ts'

/**
 * A part of this package that is loaded on first use. A page that was deployed anew, or is offline, may
 * not get it.
 * @throws AuthError `network_error`
 */
export async function loadPart<T>(part: Promise<T>): Promise<T> {
  try {
    return await part
  } catch (cause) {
    throw new AuthError('network_error', 'A part of this program could not be loaded.', {
      cause,
      hint: 'Load the page again, or check the installation of the program.',
    })
  }
}
