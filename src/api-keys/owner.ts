import type { AuthError } from '../errors/auth-error.ts'
import { mayHaveActed } from '../http/transport.ts'
import type { ApiKeyContext } from './requests.ts'
import type { CreatedApiKey, EnsuredApiKey } from './types.ts'

/** What `client.apiKeys` needs of its client. */
export interface ApiKeyOwner {
  readonly context: () => Promise<ApiKeyContext>
  /** The key in use, if there is one; no request. */
  readonly current: () => Promise<EnsuredApiKey | undefined>
  /** Asks a service whether it takes this key. */
  readonly verify: (key: string, signal: AbortSignal | undefined) => Promise<void>
  /**
   * Stores a new key as the one in use, unless the person has signed out or has another key by now.
   * @param replaces the id of the key whose place it takes; `undefined`: there was none
   */
  readonly keep: (key: CreatedApiKey, replaces: string | undefined) => Promise<boolean>
  /** Forgets the key in use, if it has this id. */
  readonly forget: (id: string) => Promise<void>
  /** Runs `work` for one caller at a time, over all processes that share the store. */
  readonly exclusively: <T>(signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>
}

/** Whether there may be a new key although its answer never came, or could not be read (★21). */
export function mayHaveMade(error: AuthError): boolean {
  return mayHaveActed(error) || error.code === 'invalid_response'
}
