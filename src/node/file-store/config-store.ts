import { createHash, randomUUID } from 'node:crypto'
import { isAuthError } from '../../errors/auth-error.ts'
import { type Fields, textOf } from '../../json/fields.ts'
import type { Lock } from '../../lock/lock.ts'
import type { StoredEntry, StoreKey, TokenStore } from '../../store/store.ts'
import { type Alone, aloneWith } from '../files/alone.ts'
import { removeFile } from '../files/set-aside.ts'
import { watchFile } from '../files/watch-file.ts'
import { glanceAtConfig, readConfig, readSoundConfig } from './config-file.ts'
import { describeFile } from './description.ts'
import {
  accountIn,
  holdsAccounts,
  migrateToken,
  sectionIn,
  withAccount,
  withoutOurs,
} from './maas-config.ts'

/** A store that has everything a store may have. */
export type ConfigStore = Required<Omit<TokenStore, 'onFallback' | 'choice'>> & {
  readonly lock: Lock
}

export { leaseLock } from '../lease-lock/lease-lock.ts'

/**
 * The store on a config file. Reading takes no lock, because the file is only ever replaced whole; what
 * changes the file is done alone, under a lock of its own that is held for milliseconds.
 *
 * @param lock reaches over all processes that have the file
 */
export function configStore(path: string, lock: Lock): ConfigStore {
  const alone = aloneWith(path, lock)

  return {
    lock,

    async read(key) {
      const config = await readConfig(path)
      if (config === undefined) return alone(async () => entryIn(await readSoundConfig(path), key))
      const migrated = migrateToken(config)
      if (migrated !== undefined) await tryMigration(alone, path)
      return entryIn(migrated ?? config, key)
    },

    commit: (key, expectedRevision, value) =>
      alone(async (save) => {
        const found = await readSoundConfig(path)
        const config = migrateToken(found) ?? found
        const current = entryIn(config, key)
        if (current?.revision !== expectedRevision) return { ok: false, current }
        const changed = withAccount(config, { key, account: value, revision: randomUUID() })
        await save({ ...changed, last_updated: new Date().toISOString() })
        return { ok: true, revision: entryIn(changed, key)?.revision ?? '' }
      }),

    destroy: (key) =>
      alone(async (save) => {
        // What cannot be understood may hold other accounts, too: it is set aside, and that is told.
        const config = await readSoundConfig(path)
        const rest = withoutOurs(migrateToken(config) ?? config, key)
        if (rest === undefined) await removeFile(path)
        else await save({ ...rest, last_updated: new Date().toISOString() })
      }),

    watch(key, listener) {
      // Before anything else can happen: a change from now on is one.
      let seen = revisionAt(path, key)
      return watchFile(path, () => {
        const revision = revisionAt(path, key)
        if (revision === undefined || revision === seen) return
        seen = revision
        listener()
      })
    },

    describe: () => describeFile(path),

    async holdsAccounts() {
      const config = (await readConfig(path)) ?? (await alone(() => readSoundConfig(path)))
      return holdsAccounts(config)
    },
  }
}

/** The migration can wait for a file that cannot be written now. */
async function tryMigration(alone: Alone, path: string): Promise<void> {
  try {
    await alone(async (save) => {
      const migrated = migrateToken(await readSoundConfig(path))
      if (migrated !== undefined) await save(migrated)
    })
  } catch (error) {
    if (!isAuthError(error, 'store_unavailable')) throw error
  }
}

function entryIn(config: Fields, key: StoreKey): StoredEntry | undefined {
  const value = accountIn(config, key)
  return value && { value, revision: revisionOf(sectionIn(config, key)) }
}

/** The revision that the file has for this key; empty where it has no entry, `undefined` when it cannot be told. */
function revisionAt(path: string, key: StoreKey): string | undefined {
  const config = glanceAtConfig(path)
  return config && (entryIn(config, key)?.revision ?? '')
}

/** Never the same twice, and another one also when a program that knows no revisions has changed the account. */
function revisionOf(section: Fields): string {
  const { accounts, ...account } = section
  const content = createHash('sha256').update(JSON.stringify(account)).digest('base64url')
  return `${textOf(section.revision) ?? ''}.${content}`
}
