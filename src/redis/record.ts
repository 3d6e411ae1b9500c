import { AuthError } from '../errors/auth-error.ts'
import type { StoredAccount } from '../store/account.ts'
import { readAccount, writeAccount } from '../store/account-json.ts'
import { type Envelope, isSealed, missingKey } from './envelope.ts'

/** What Redis has for one account. */
export interface RedisRecord {
  /** The commit that wrote it; empty where there is none, which is damage. */
  readonly id: string
  /** The leases given since. */
  readonly fence: string
  readonly value: string
}

/** Turns accounts into texts, and texts into accounts. */
export interface RecordFormat {
  /** @param name of the account, and the id of the commit: it can be read as belonging to these only */
  encode(account: StoredAccount, belonging: Belonging): Promise<string>
  /**
   * @returns `undefined` for what is damaged
   * @throws AuthError `store_unavailable` for what others can read
   */
  decode(value: string, belonging: Belonging): Promise<StoredAccount | undefined>
}

interface Belonging {
  readonly name: string
  readonly id: string
}

export function plainFormat(): RecordFormat {
  return {
    encode: async (account) => writeAccount(account),
    async decode(value) {
      if (isSealed(value)) throw missingKey(value.split('.')[2] ?? '')
      return readAccount(value)
    },
  }
}

export function sealedFormat(
  envelope: Envelope,
  { acceptPlain }: { readonly acceptPlain: boolean },
): RecordFormat {
  return {
    encode: (account, belonging) => envelope.seal(writeAccount(account), bindingOf(belonging)),
    async decode(value, belonging) {
      if (isSealed(value)) {
        const text = await envelope.open(value, bindingOf(belonging))
        return text === undefined ? undefined : readAccount(text)
      }
      const account = readAccount(value)
      if (account !== undefined && !acceptPlain) throw plainRefused()
      return account
    },
  }
}

function bindingOf({ name, id }: Belonging): string {
  return JSON.stringify([name, id])
}

function plainRefused(): AuthError {
  return new AuthError('store_unavailable', 'This account is not encrypted, and has to be.', {
    hint: 'Set `acceptPlain` in `encryption` while you introduce encryption; the account was left as it is.',
    retryable: false,
  })
}

/** The revision to name in a commit: other commits change it, and so does a lease that is given. */
export function revisionOf({ id, fence }: Pick<RedisRecord, 'id' | 'fence'>): string {
  return `${id}.${fence}`
}
