import { createHash, randomUUID } from 'node:crypto'
import { AuthError } from '../../errors/auth-error.ts'
import type { Fields } from '../../json/fields.ts'
import type { Alone, Save } from '../files/alone.ts'
import { wasSetAside } from '../files/set-aside.ts'
import type { GuardedKeychain } from './guarded-keychain.ts'
import {
  holdsAccounts,
  idsIn,
  type Marker,
  markerIn,
  readSoundIndex,
  withMarker,
} from './index-file.ts'
import { tryTo } from './try-to.ts'

export interface PairingOptions {
  readonly keychain: GuardedKeychain
  readonly service: string
  /** The index, a file in the home. */
  readonly path: string
  readonly alone: Alone
}

/**
 * That an index and a keychain belong together: the same random id is in both. Without it, a keychain of
 * another session or machine, or an index that somebody has removed, would look like "nothing stored".
 *
 * | row | the index | the keychain | so |
 * |---|---|---|---|
 * | A | has an id, and accounts | has the same | what is missing in it was removed by somebody |
 * | B | has an id, and accounts | has another, or none | it is another keychain: `store_unavailable` |
 * | C | has neither | has an id for an index at this path | the index was removed: `store_corrupt`, once |
 * | D | has accounts, and no id | – | it was written before there were ids; it gets one when an account was found |
 * | E | has no accounts | – | nothing is stored, and the first write marks both |
 *
 * The id is looked at only when something is missing, and by the first write: what was found needs no proof.
 */
export class Pairing {
  readonly #options: PairingOptions
  /** An id that the keychain was seen to have: a process speaks to one keychain only. */
  #proved: string | undefined
  /** Whether this process has tried to mark an index of row D. */
  #isUpgraded = false

  constructor(options: PairingOptions) {
    this.#options = options
  }

  /**
   * Row B.
   * @param options.anew although it was seen to be the right one before
   * @throws AuthError `store_unavailable` when the keychain cannot be asked
   */
  async isOther(index: Fields, { anew = false } = {}): Promise<boolean> {
    const { keychain, service } = this.#options
    const marker = markerIn(index, service)
    if (marker === undefined || !holdsAccounts(index, service)) return false
    if (!anew && this.#proved === marker.id) return false
    const isSame = (await keychain.get(marker.account)) === marker.id
    this.#proved = isSame ? marker.id : undefined
    return !isSame
  }

  /** Row C: what the keychain has of an index that is gone. @throws AuthError `store_unavailable` */
  async lost(index: Fields): Promise<Marker | undefined> {
    const { keychain, service } = this.#options
    if (markerIn(index, service) !== undefined || holdsAccounts(index, service)) return undefined
    const account = accountFor(this.#options)
    const id = await keychain.get(account)
    return id === undefined ? undefined : { account, id }
  }

  /** Row C: an index in the place of the one that is gone. @returns whether that is news */
  beginAnew(): Promise<boolean> {
    const { service, path, alone } = this.#options
    return alone(async (save) => {
      const index = await readSoundIndex(path)
      const marker = await this.lost(index)
      if (marker === undefined) return false
      await save(withMarker(index, service, marker))
      // Who has set a damaged one aside has told so.
      return !(await wasSetAside(path))
    })
  }

  /** Row D: an account was found, so it is the right keychain. Marks both, if that is possible now. */
  async upgrade(seen: Fields): Promise<void> {
    const { keychain, service, path, alone } = this.#options
    if (this.#isUpgraded || markerIn(seen, service) !== undefined) return
    this.#isUpgraded = true
    await tryTo(() =>
      alone(async (save) => {
        const index = await readSoundIndex(path)
        if (markerIn(index, service) !== undefined || !holdsAccounts(index, service)) return
        const account = accountFor(this.#options)
        const found = await keychain.get(account)
        const id = found ?? randomUUID()
        // First into the keychain: until the index says so, this is row D still.
        if (found === undefined) await keychain.set(account, id)
        await save(withMarker(index, service, { account, id }))
      }),
    )
  }

  /**
   * The marker for a write. Row E: it goes into the index first. In the other order, a crash in between
   * would leave what looks like row C.
   *
   * @throws AuthError `store_unavailable`
   */
  async forWriting(
    index: Fields,
  ): Promise<{ readonly marker: Marker | undefined; readonly write: () => Promise<void> }> {
    const { keychain, service } = this.#options
    const known = markerIn(index, service)
    if (holdsAccounts(index, service)) return { marker: known, write: async () => {} }
    const account = known?.account ?? accountFor(this.#options)
    const found = await keychain.get(account)
    const id = found ?? known?.id ?? randomUUID()
    const write = async () => {
      if (found === undefined) await keychain.set(account, id)
    }
    return { marker: { account, id }, write }
  }

  /**
   * Removes from the keychain what belongs to an index and is named by none: of one that was removed, or
   * written by a process that died. With the last account the marker goes as well. What a damaged index
   * names that was set aside stays: it may be repaired.
   *
   * @param index without the account that is destroyed
   * @returns it without its marker, where nothing of it is left in the keychain
   */
  async withoutOrphans(index: Fields, save: Save): Promise<Fields> {
    const { keychain, service, path } = this.#options
    const isLast = idsIn(index, service).size === 0
    const bare = isLast ? withMarker(index, service, undefined) : index
    if (await wasSetAside(path)) return bare
    const isClean = await tryTo(async () => {
      const marker = markerIn(index, service) ?? (await this.lost(index))
      if (marker === undefined) return
      await this.#sweep(index, marker)
      if (!isLast) return
      // Before the marker: accounts whose keychain has none are in another one.
      await save(index)
      await keychain.delete(marker.account)
    })
    return isClean ? bare : index
  }

  async #sweep(index: Fields, { id }: Marker): Promise<void> {
    const { keychain, service } = this.#options
    const named = [...idsIn(index, service)].map((one) => `${one}.`)
    for (const account of await keychain.list()) {
      const isOrphan = account.startsWith(`${id}.`) && !named.some((one) => account.startsWith(one))
      if (isOrphan) await keychain.delete(account)
    }
  }
}

/** Where the id is. An index that was moved with its home names the one of its old path. */
function accountFor({ service, path }: PairingOptions): string {
  const hash = createHash('sha256').update(`${service}\n${path}`).digest('base64url')
  return `index.${hash.slice(0, 22)}`
}

/** Row B, for a person. */
export function otherKeychain(path: string): AuthError {
  return new AuthError(
    'store_unavailable',
    `This is not the keychain that holds the accounts of ${path}.`,
    {
      hint: `Use the session or machine in which you signed in. To begin anew with the keychain here, remove ${path}.`,
    },
  )
}

/** Row C, for a person. */
export function lostIndex(path: string): AuthError {
  return new AuthError(
    'store_corrupt',
    `${path} is gone, without which the entries of the keychain mean nothing.`,
    {
      hint: `Put a copy of ${path} back, or sign in again. What is in the keychain stays there until client.destroy().`,
    },
  )
}
