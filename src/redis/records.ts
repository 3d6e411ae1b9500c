import { AuthError } from '../errors/auth-error.ts'
import type { StoredAccount } from '../store/account.ts'
import { type CommitResult, nameOf, type StoredEntry, type StoreKey } from '../store/store.ts'
import { type RedisConnection, textOf, textsOf } from './connection.ts'
import type { KeyNames } from './key-names.ts'
import { damagedLifeMs, goneLifeMs, lifetimeOf } from './lifetime.ts'
import { type RecordFormat, type RedisRecord, revisionOf } from './record.ts'
import { scripts } from './scripts.ts'

export interface RedisRecordsOptions {
  readonly connection: RedisConnection
  readonly format: RecordFormat
  readonly namesOf: (name: string) => KeyNames
  readonly now: () => number
}

/** A commit of which nobody knows whether it was made. */
interface Attempt {
  readonly expected: string | undefined
  readonly account: string | undefined
  readonly id: string
  /** What was remembered of an account that was removed, when this one was to be begun. */
  readonly gone: string
}

/** The accounts in Redis, changed by compare-and-swap. */
export class RedisRecords {
  readonly #options: RedisRecordsOptions
  readonly #unsettled = new Map<string, Attempt>()

  constructor(options: RedisRecordsOptions) {
    this.#options = options
  }

  async read(key: StoreKey): Promise<StoredEntry | undefined> {
    const name = nameOf(key)
    return this.#entryIn(name, await this.#look(name))
  }

  /**
   * A commit whose answer was lost is made again under the same id, by which Redis recognises it: what was
   * written is never reported as somebody else's, and never written twice.
   */
  async commit(
    key: StoreKey,
    expected: string | undefined,
    value: StoredAccount | undefined,
  ): Promise<CommitResult> {
    const name = nameOf(key)
    const before = this.#unsettled.get(name)
    const account = value && JSON.stringify(value)
    const isSame =
      before !== undefined && before.expected === expected && before.account === account
    const isFirst = expected === undefined && value !== undefined
    const attempt = isSame
      ? before
      : {
          expected,
          account,
          id: crypto.randomUUID(),
          gone: isFirst ? goneIn(await this.#look(name)) : '',
        }
    const { id } = attempt
    let isRepeated = isSame
    const reply = await this.#settle(name, attempt, {
      args: await this.#commitArguments(name, attempt, value),
      onRepeat: () => {
        isRepeated = true
      },
    })
    const [what, fence = '0'] = reply
    if (what === 'committed') return { ok: true, revision: revisionOf({ id, fence }) }
    const isGone = what === 'absent' && value === undefined && isRepeated
    if (isGone) return { ok: true, revision: revisionOf({ id, fence: '0' }) }
    return { ok: false, current: await this.#entryIn(name, reply) }
  }

  async destroy(key: StoreKey): Promise<void> {
    const name = nameOf(key)
    const { record, damaged, gone, channel } = this.#options.namesOf(name)
    await this.#options.connection.run(scripts.destroy, {
      keys: [record, damaged, gone],
      args: [channel, crypto.randomUUID(), String(goneLifeMs)],
    })
    this.#unsettled.delete(name)
  }

  /** The id of the last commit, without the account. */
  async peek(name: string): Promise<string> {
    const { record } = this.#options.namesOf(name)
    return textOf(await this.#options.connection.field(record, 'id'))
  }

  async #look(name: string): Promise<readonly string[]> {
    const { connection, namesOf } = this.#options
    const { record, gone } = namesOf(name)
    return textsOf(await connection.run(scripts.read, { keys: [record, gone] }))
  }

  async #commitArguments(
    name: string,
    { id, expected = '', gone }: Attempt,
    value: StoredAccount | undefined,
  ): Promise<readonly string[]> {
    const { format, namesOf, now } = this.#options
    const { channel } = namesOf(name)
    const removal = [channel, gone, String(goneLifeMs)]
    if (value === undefined) return [expected, id, '', '', '', ...removal]
    const text = await format.encode(value, { name, id })
    const { ms, atLeastAsBefore } = lifetimeOf(value, now())
    return [expected, id, text, String(ms ?? ''), atLeastAsBefore ? '1' : '', ...removal]
  }

  /** Runs a commit; what came to no end is remembered. */
  async #settle(
    name: string,
    attempt: Attempt,
    run: { readonly args: readonly string[]; readonly onRepeat: () => void },
  ): Promise<readonly string[]> {
    const { connection, namesOf } = this.#options
    const { record, gone } = namesOf(name)
    try {
      const reply = await connection.run(scripts.commit, { keys: [record, gone], ...run })
      this.#unsettled.delete(name)
      return textsOf(reply)
    } catch (error) {
      this.#unsettled.set(name, attempt)
      throw error
    }
  }

  async #entryIn(name: string, reply: readonly string[]): Promise<StoredEntry | undefined> {
    const [what, id = '', fence = '', value = ''] = reply
    if (what === 'absent') return undefined
    if (what !== 'found') {
      throw new AuthError('store_unavailable', 'Redis gave an answer of an unknown form.')
    }
    const account = id === '' ? undefined : await this.#options.format.decode(value, { name, id })
    if (account !== undefined) return { value: account, revision: revisionOf({ id, fence }) }
    await this.#setAside(name, { id, fence, value })
    // Somebody else has met it as well, and reported it.
    return this.#entryIn(name, await this.#look(name))
  }

  /** @throws AuthError `store_corrupt`, to the one who set it aside */
  async #setAside(name: string, { id, value }: RedisRecord): Promise<void> {
    const { connection, namesOf } = this.#options
    const { record, damaged, gone, channel } = namesOf(name)
    const lives = [String(damagedLifeMs), channel, String(goneLifeMs)]
    const args = [id, value, crypto.randomUUID(), ...lives]
    const moved = await connection.run(scripts.setAside, { keys: [record, damaged, gone], args })
    if (textOf(moved) !== '1') return
    throw new AuthError('store_corrupt', 'The account in Redis cannot be understood.', {
      hint: `It was set aside as ${damaged}; repair it, or sign in again.`,
    })
  }
}

function goneIn([what, gone = '']: readonly string[]): string {
  return what === 'absent' ? gone : ''
}
