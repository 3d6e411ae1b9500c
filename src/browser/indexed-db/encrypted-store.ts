import { AuthError } from '../../errors/auth-error.ts'
import { nameOf, type StoredEntry } from '../../store/store.ts'
import type { BrowserStore } from '../browser-store.ts'
import { changesOf } from '../changes.ts'
import { webLock } from '../web-lock.ts'
import { hasWebLocks } from '../web-locks.ts'
import type { BrowserWorld } from '../world.ts'
import { attempt, timeoutMs, type Vault } from './attempt.ts'
import { changeRecords, createDatabase, readRecords, removeDatabase } from './database.ts'
import { describeDatabase } from './description.ts'
import { type Found, find, isAt, keepSecret, remove, replace, setAside } from './records.ts'
import { newSecret } from './sealed.ts'
import { openAccount, sealAccount } from './sealed-account.ts'

const nothing: Found = { record: undefined, secret: undefined }

/**
 * The store on a database of this name.
 *
 * Encrypting takes time, and no transaction stays open for that. So a record is sealed first, for the
 * very revision that it gets, and then one transaction compares and writes. Where somebody else was
 * quicker, it begins anew: that is all the `for (;;)` are for.
 */
export function encryptedStore(name: string, world: BrowserWorld): BrowserStore {
  const place = `lanonasis-auth:indexeddb:${name}`
  const lock = webLock(world, place)
  const changes = changesOf(world, place)

  /** `destroy` runs under the same lock: while it takes the last secret and then the database, nobody brings a new one. */
  const makeSecret = (vault: Vault) =>
    lock.withLock('#secret', { timeoutMs }, async () => {
      const secret = await newSecret(vault.crypto)
      await createDatabase(vault)
      await changeRecords(vault, (records) => keepSecret(records, secret))
    })

  return {
    lock,

    read: (key) => attempt({ name, world }, (vault) => readEntry(vault, nameOf(key))),

    commit: (key, expectedRevision, value) =>
      attempt({ name, world }, async (vault) => {
        const entryName = nameOf(key)
        for (;;) {
          const { record, secret } = await look(vault, entryName)
          if (!isAt(record, expectedRevision)) {
            return { ok: false, current: await readEntry(vault, entryName) }
          }
          const revision = vault.crypto.randomUUID()
          if (value === undefined && record === undefined) return { ok: true, revision }
          if (value !== undefined && secret === undefined) {
            await makeSecret(vault)
            continue
          }
          const next = value &&
            secret && {
              secretId: secret.id,
              fields: await sealAccount(vault, { name: entryName, value, revision, secret }),
            }
          const replacement = { name: entryName, expectedRevision, next }
          if (await changeRecords(vault, (records) => replace(records, replacement))) {
            changes.announce(entryName)
            return { ok: true, revision }
          }
        }
      }),

    watch: (key, listener) => changes.listen(nameOf(key), listener),

    describe: () => describeDatabase(world, name),

    destroy: (key) =>
      attempt({ name, world }, (vault) =>
        lock.withLock('#secret', { timeoutMs }, async () => {
          const isEmpty = await changeRecords(vault, (records) => remove(records, nameOf(key)))
          changes.announce(nameOf(key))
          // Without a lock over all tabs, an empty one stays: somebody may be about to write to it.
          if (isEmpty && hasWebLocks(world)) await removeDatabase(vault)
        }),
      ),
  }
}

async function look(vault: Vault, name: string): Promise<Found> {
  return (await readRecords(vault, (records) => find(records, name))) ?? nothing
}

/** @throws AuthError `store_corrupt` to the one who has set it aside, `store_unavailable` when it is of a newer format */
async function readEntry(vault: Vault, name: string): Promise<StoredEntry | undefined> {
  for (;;) {
    const found = await look(vault, name)
    if (found.record === undefined) return undefined
    const entry = await openAccount(vault, { ...found, name })
    if (entry !== undefined) return entry
    const aside = { name, seen: found.record }
    if (await changeRecords(vault, (records) => setAside(records, aside))) {
      throw new AuthError('store_corrupt', `What ${vault.name} holds cannot be decrypted.`, {
        hint: 'The browser has lost a part of the data of this site, or it was changed. It was set aside; sign in again.',
      })
    }
  }
}
