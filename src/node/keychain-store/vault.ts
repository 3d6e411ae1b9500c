import { AuthError } from '../../errors/auth-error.ts'
import type { Fields } from '../../json/fields.ts'
import type { Lock } from '../../lock/lock.ts'
import type { StoredAccount } from '../../store/account.ts'
import type { StoreChoice, StoredEntry, StoreKey, TokenStore } from '../../store/store.ts'
import { readSection, writeSection } from '../file-store/account-section.ts'
import { aloneWith } from '../files/alone.ts'
import { removeFile } from '../files/set-aside.ts'
import { watchFile } from '../files/watch-file.ts'
import { indexChoice } from './choice.ts'
import { describeKeychain } from './description.ts'
import type { GuardedKeychain } from './guarded-keychain.ts'
import {
  entryIn,
  glanceAtId,
  holdsAccounts,
  type IndexEntry,
  isEmptyIndex,
  type Leftover,
  type Owner,
  readIndex,
  readSoundIndex,
  type Value,
  withEntry,
  withMarker,
} from './index-file.ts'
import { lostIndex, otherKeychain, Pairing } from './pairing.ts'
import { tryTo } from './try-to.ts'
import { Values } from './values.ts'

export interface VaultOptions {
  readonly keychain: GuardedKeychain
  readonly service: string
  /** The index, a file in the home. */
  readonly path: string
  readonly lock: Lock
  readonly partLength: number
  readonly now?: () => number
}

/** A store that has everything a store may have. */
export type Vault = Required<Omit<TokenStore, 'onFallback'>> & {
  readonly lock: Lock
  readonly choice: StoreChoice
}

/** A write of somebody who gave up may still land: what it would leave is looked for this long. */
const leftoverMs = 600_000

/**
 * The store on a keychain, which by itself has no compare-and-swap, no watching and no way to replace
 * several entries in one step. So values are written once and never changed, and a file says which one
 * counts. A commit, alone under a lock of its own:
 *
 * 1. The index gets the names of what is about to be written, so that it is removed if we die.
 * 2. The parts are written to the keychain, under names that were never used.
 * 3. The index is replaced: from this step on the new value counts, for everybody.
 * 4. The value before it is removed from the keychain, then its name from the index.
 *
 * A crash leaves the old value (1, 2) or the new one (3, 4). A write that the keychain carries out late,
 * after we gave up or somebody else committed, touches nobody: its names are in no index, or are removed
 * by the next commit.
 */
export function vault(options: VaultOptions): Vault {
  const { keychain, service, path, lock, partLength, now = Date.now } = options
  const values = new Values(keychain, partLength)
  const alone = aloneWith(path, lock)
  const pairing = new Pairing({ keychain, service, path, alone })
  const ownerOf = (key: StoreKey): Owner => ({ service, key })

  /** @throws AuthError `store_corrupt` when the index cannot be understood */
  async function soundIndex(): Promise<Fields> {
    return (await readIndex(path)) ?? alone(() => readSoundIndex(path))
  }

  async function read(key: StoreKey): Promise<StoredEntry | undefined> {
    for (;;) {
      const index = await soundIndex()
      const { current } = entryIn(index, ownerOf(key))
      if (current === undefined) {
        // A keychain that cannot be used is no place where nothing is stored.
        await values.probe()
        await requireSame(index)
        if ((await pairing.lost(index)) === undefined) return undefined
        if (await pairing.beginAnew()) throw lostIndex(path)
        continue
      }
      const found = await values
        .read(current)
        .catch((error: unknown) => ({ type: 'failure', error }) as const)
      if (found.type === 'value') {
        await pairing.upgrade(index)
        return toEntry(found.fields, current)
      }
      // Somebody may have committed meanwhile, and removed what we were looking for, or were just reading.
      if (entryIn(await soundIndex(), ownerOf(key)).current?.id !== current.id) continue
      if (found.type === 'failure') throw found.error
      if (found.type === 'missing') {
        await values.probe({ anew: true })
        await requireSame(index, { anew: true })
      }
      if (await giveUp(key, current)) throw damaged(service)
    }
  }

  /** @throws AuthError `store_unavailable` when the accounts of the index are in another keychain */
  async function requireSame(index: Fields, options: { readonly anew?: boolean } = {}) {
    if (!(await pairing.isOther(index, options))) return
    // The last account may have been destroyed meanwhile, and the marker with it.
    if (holdsAccounts(await soundIndex(), service)) throw otherKeychain(path)
  }

  /** Puts what cannot be understood out of the way. @returns whether it was us who did */
  function giveUp(key: StoreKey, value: Value): Promise<boolean> {
    return alone(async (save) => {
      const index = await readSoundIndex(path)
      const { current, leftovers } = entryIn(index, ownerOf(key))
      if (current?.id !== value.id) return false
      const aside: Leftover = { ...value, since: now(), damaged: true }
      const entry = { current: undefined, leftovers: [...leftovers, aside] }
      await save(withEntry(index, ownerOf(key), entry))
      return true
    })
  }

  /** Removes what nobody needs, as far as that is possible now. @returns what has to be looked for still */
  async function removeLeftovers(leftovers: readonly Leftover[]): Promise<readonly Leftover[]> {
    const left: Leftover[] = []
    for (const leftover of leftovers) {
      const isOld = now() - leftover.since > leftoverMs
      const removed = leftover.damaged ? false : await tryTo(() => values.remove(leftover))
      if (!removed || !isOld) left.push(leftover)
    }
    return left
  }

  async function fieldsOfValue(value: Value): Promise<Fields> {
    const found = await values.read(value)
    return found.type === 'value' ? found.fields : {}
  }

  /** Only tidying up: what cannot be removed now is removed by the next commit. */
  async function tidyUp({
    put,
    entry,
    gone,
  }: {
    readonly put: (entry: IndexEntry) => Promise<void>
    readonly entry: IndexEntry
    readonly gone: readonly Leftover[]
  }): Promise<void> {
    if (gone.length === 0 && entry.leftovers.length === 0) return
    await tryTo(async () => {
      for (const value of gone) await values.remove(value)
      await put(entry)
    })
  }

  return {
    lock,
    read,

    async commit(key, expectedRevision, account) {
      const owner = ownerOf(key)
      // Before the lock is taken: while a keychain is silent, nobody is to wait for others to find out.
      const before = await read(key)
      if (before?.revision !== expectedRevision) return { ok: false, current: before }
      const result = await alone(async (save) => {
        const index = await readSoundIndex(path)
        const { current, leftovers } = entryIn(index, owner)
        if (current?.id !== expectedRevision) return undefined
        const { marker, write: mark } = await pairing.forWriting(index)
        const marked = marker === undefined ? index : withMarker(index, service, marker)
        const put = (entry: IndexEntry) => save(withEntry(marked, owner, entry))
        const gone = current === undefined ? [] : [{ ...current, since: now() }]
        const old = await removeLeftovers(leftovers)
        if (account === undefined) {
          if (current !== undefined) await put({ current: undefined, leftovers: [...old, ...gone] })
          await tidyUp({ put, entry: { current: undefined, leftovers: old }, gone })
          return { ok: true, revision: crypto.randomUUID() } as const
        }
        const fields = current === undefined ? {} : await fieldsOfValue(current)
        const { value, write } = values.prepare(toFields(fields, account, key), marker?.id)
        await put({ current, leftovers: [...old, { ...value, since: now() }] })
        await mark()
        await write()
        await put({ current: value, leftovers: [...old, ...gone] })
        await tidyUp({ put, entry: { current: value, leftovers: old }, gone })
        return { ok: true, revision: value.id } as const
      })
      return result ?? { ok: false, current: await read(key) }
    },

    watch(key, listener) {
      // Before anything else can happen: a change from now on is one.
      let seen = glanceAtId(path, ownerOf(key))
      return watchFile(path, () => {
        const id = glanceAtId(path, ownerOf(key))
        if (id === undefined || id === seen) return
        seen = id
        listener()
      })
    },

    async destroy(key) {
      await alone(async (save) => {
        // A damaged one is of other accounts, too: they are not to be gone without a word.
        const index = await readSoundIndex(path)
        const { current, leftovers } = entryIn(index, ownerOf(key))
        if (current !== undefined && (await pairing.isOther(index, { anew: true }))) {
          const { type } = await values.read(current)
          if (type === 'missing') throw otherKeychain(path)
        }
        for (const value of [...leftovers, ...(current === undefined ? [] : [current])]) {
          await values.remove(value)
        }
        const entry = { current: undefined, leftovers: [] }
        const left = withEntry(index, ownerOf(key), entry)
        const rest = await pairing.withoutOrphans(left, save)
        if (isEmptyIndex(rest)) await removeFile(path)
        else await save(rest)
      })
    },

    describe: () => describeKeychain(service),

    async holdsAccounts() {
      return holdsAccounts(await soundIndex(), service)
    },

    choice: indexChoice({ path, service, alone, soundIndex }),
  }
}

function toEntry(fields: Fields, { id }: Value): StoredEntry {
  const value = readSection(fields, []) ?? { session: { status: 'signed-out' } }
  return { value, revision: id }
}

/** As the config file writes an account; fields that this version does not know are kept. */
function toFields(before: Fields, account: StoredAccount, { issuer, clientId }: StoreKey): Fields {
  return writeSection(before, account, { issuer, clientId, revision: '' })
}

function damaged(service: string): AuthError {
  return new AuthError('store_corrupt', 'What the keychain holds of this account is incomplete.', {
    hint: `Sign in again. What is left of it is under ${service} in the keychain, until client.destroy().`,
  })
}
