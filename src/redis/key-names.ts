import { AuthError } from '../errors/auth-error.ts'

/** What belongs to one account, or to one lock, in Redis. */
export interface KeyNames {
  /** The hash with the account. */
  readonly record: string
  /** The hash with what could not be understood and was set aside. */
  readonly damaged: string
  /** For a while, by which commit an account was begun that was removed since; nothing of what it held. */
  readonly gone: string
  /** The nonce of who holds the lock. */
  readonly lease: string
  /** Where a change is announced. */
  readonly channel: string
}

const defaultPrefix = 'lanonasis:auth:'

/**
 * The names for everything that one name is about.
 *
 * What is in braces is the hash tag, so that all of one account is in one slot of a Redis Cluster and a
 * script may touch all of it. Braces of its own are escaped in it.
 */
export function keyNames(prefix: string, name: string): KeyNames {
  // Half a surrogate pair has no UTF-8, and no place in a key.
  const tag = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd'))
  const common = `${prefix}{${tag}}`
  return {
    record: `${common}:account`,
    damaged: `${common}:damaged`,
    gone: `${common}:gone`,
    lease: `${common}:lease`,
    channel: `${common}:changed`,
  }
}

/** @throws AuthError `config_invalid` */
export function checkedPrefix(prefix: string = defaultPrefix): string {
  if (typeof prefix === 'string' && !/[{}]/.test(prefix)) return prefix
  throw new AuthError('config_invalid', 'The prefix of redisStore has braces in it.', {
    hint: 'Braces mark what decides on the slot in a Redis Cluster; choose a prefix without.',
  })
}
