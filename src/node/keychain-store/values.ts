import { randomUUID } from 'node:crypto'
import { AuthError } from '../../errors/auth-error.ts'
import { type Fields, parseFields } from '../../json/fields.ts'
import type { GuardedKeychain } from './guarded-keychain.ts'
import type { Value } from './index-file.ts'
import { countIn, join, split, toAsciiJson } from './parts.ts'

/** What became of a value that the index names. */
export type Found =
  | { readonly type: 'value'; readonly fields: Fields }
  /** A part of it is not there. */
  | { readonly type: 'missing' }
  /** All is there, and does not add up. */
  | { readonly type: 'damaged' }

/** Accounts that one process uses, and what they were before. */
const mostKnown = 32
/** How long a keychain that was seen to work is taken to work, ms. */
const provedMs = 5_000

/**
 * Values in the keychain. Each is written once, under names that were never used before, and never
 * changed: a write that comes late can only leave something over that nobody asks for.
 */
export class Values {
  readonly #keychain: GuardedKeychain
  readonly #partLength: number
  /** Readers who come at the same time share one answer; what does not change cannot be out of date. */
  readonly #reading = new Map<string, Promise<Found>>()
  readonly #known = new Map<string, Fields>()
  #provedAt = Number.NEGATIVE_INFINITY

  constructor(keychain: GuardedKeychain, partLength: number) {
    this.#keychain = keychain
    this.#partLength = partLength
  }

  /**
   * Splits a value, so that its place can be written down before it is there.
   *
   * @param markerId what the names of an index begin with, so that they are known as its own without it
   */
  prepare(
    fields: Fields,
    markerId: string | undefined,
  ): { readonly value: Value; readonly write: () => Promise<void> } {
    const id = markerId === undefined ? randomUUID() : `${markerId}.${randomUUID()}`
    const parts = split(toAsciiJson(fields), this.#partLength)
    const value = { id, parts: parts.length }
    return {
      value,
      write: async () => {
        for (const [index, part] of parts.entries()) {
          await this.#keychain.set(partName(value, index), part)
        }
        this.#remember(value, fields)
      },
    }
  }

  /**
   * What was read once is not asked for again: nobody can have changed it, and whether it still counts
   * is in the index.
   *
   * @throws AuthError `store_unavailable`
   */
  async read(value: Value): Promise<Found> {
    const fields = this.#known.get(value.id)
    if (fields !== undefined) return { type: 'value', fields }
    const under = this.#reading.get(value.id)
    if (under !== undefined) return under
    const started = this.#readParts(value).finally(() => this.#reading.delete(value.id))
    this.#reading.set(value.id, started)
    return started
  }

  /** Removes what is there of a value. @throws AuthError `store_unavailable` */
  async remove(value: Value): Promise<void> {
    this.#known.delete(value.id)
    // The first one last: without the others it is known to be incomplete.
    for (let index = value.parts - 1; index >= 0; index--) {
      await this.#keychain.delete(partName(value, index))
    }
  }

  /**
   * Writes, reads and removes something, because that a keychain has nothing proves nothing: a locked
   * one says so as well.
   *
   * @param options.anew although it was seen to work a moment ago
   * @throws AuthError `store_unavailable`
   */
  async probe({ anew = false } = {}): Promise<void> {
    if (!anew && performance.now() - this.#provedAt < provedMs) return
    const account = `probe.${randomUUID()}`
    await this.#keychain.set(account, account)
    const found = await this.#keychain.get(account)
    await this.#keychain.delete(account)
    if (found === account) {
      this.#provedAt = performance.now()
      return
    }
    throw new AuthError('store_unavailable', 'The keychain does not keep what it is given.', {
      hint: 'Look whether the keychain is locked, or use fileStore().',
    })
  }

  async #readParts(value: Value): Promise<Found> {
    const parts: string[] = []
    for (let index = 0; index < value.parts; index++) {
      const part = await this.#keychain.get(partName(value, index))
      if (part === undefined) return { type: 'missing' }
      parts.push(part)
    }
    const text = countIn(parts[0] ?? '') === value.parts ? join(parts) : undefined
    if (text === undefined) return { type: 'damaged' }
    const fields = parseFields(text)
    this.#remember(value, fields)
    return { type: 'value', fields }
  }

  #remember({ id }: Value, fields: Fields): void {
    this.#known.set(id, fields)
    const [oldest] = this.#known.keys()
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest)
  }
}

function partName({ id }: Value, index: number): string {
  return `${id}.${index}`
}
