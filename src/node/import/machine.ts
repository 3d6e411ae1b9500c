import { hostname, userInfo } from 'node:os'

/**
 * What the old packages made their encryption keys of. Anybody on the machine knows it: the files are
 * no safer than plain ones.
 */
export function machinePassphrase(): string {
  try {
    return hostname() + userInfo().username
  } catch {
    // A user without an entry in the system's list, as in containers: the old packages failed, too.
    return hostname()
  }
}
