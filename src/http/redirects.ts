import { AuthError } from '../errors/auth-error.ts'

const statuses = new Set([301, 302, 303, 307, 308])

/** How many redirects are followed. */
export const maximalRedirects = 5

/**
 * Where to go on, for a redirect that may be followed: within the origin, and nothing with a body (★7).
 *
 * @returns `undefined` when the answer is not a redirect
 * @throws AuthError `origin_not_allowed`, `invalid_response`
 */
export function redirectTarget(
  response: Response,
  { from, method }: { readonly from: URL; readonly method: string },
): URL | undefined {
  if (response.type === 'opaqueredirect') {
    throw new AuthError(
      'origin_not_allowed',
      `${from.host} redirects, and a page cannot see where.`,
    )
  }
  const location = response.headers.get('location')
  if (!statuses.has(response.status) || location === null || !URL.canParse(location, from)) {
    return undefined
  }
  const { status } = response
  const target = new URL(location, from)
  if (target.origin !== from.origin) {
    throw new AuthError('origin_not_allowed', `${from.host} redirects to another origin.`, {
      status,
    })
  }
  if (method !== 'GET' && method !== 'HEAD') {
    throw new AuthError('invalid_response', `${from.host} redirects a ${method} request.`, {
      status,
    })
  }
  return target
}
