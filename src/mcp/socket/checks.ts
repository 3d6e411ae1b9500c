import { AuthError } from '../../errors/auth-error.ts'

export function parseUrl(address: string | URL): URL {
  if (URL.canParse(address)) return new URL(address)
  throw new AuthError('config_invalid', 'The url of the socket is not an absolute URL.')
}

export function assertTimeout(timeoutMs: number): void {
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return
  throw new AuthError('config_invalid', 'timeoutMs is not a positive number.')
}

/** With `NaN` nothing would ever be too much. */
export function assertMaxWaiting(maxWaiting: number): void {
  if (maxWaiting >= 0) return
  throw new AuthError('config_invalid', 'maxWaiting is not a number of calls.')
}
