import { createHash, randomUUID } from 'node:crypto'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { type Fields, textOf } from '../../json/fields.ts'
import type { Lease, Lock } from '../../lock/lock.ts'
import type { StoredEntry, StoreKey, TokenStore } from '../../store/store.ts'
import { removeUnfinished } from './atomic-write.ts'
import { glanceAtConfig, readConfig, readSoundConfig, writeConfig } from './config-file.ts'
import { describeFile } from './description.ts'
import { accountIn, migrateToken, sectionIn, withAccount } from './maas-config.ts'
import { watchFile } from './watch-file.ts'

/** A store that has everything a store may have. */
export type ConfigStore = Required<Omit<TokenStore, 'onFallback' | 'destroy'>> & {
  readonly lock: Lock
}

export { leaseLock } from '../lease-lock/lease-lock.ts'

const longestWaitMs = 10_000

/**
 * The store on a config file. Reading takes no lock, because the file is only ever replaced whole; what
 * changes the file is done alone, under a lock of its own that is held for milliseconds.
 *
 * @param lock reaches over all processes that have the file
 */
export function configStore(path: string, lock: Lock): ConfigStore {
  async function alone<T>(work: (save: Save) => Promise<T>): Promise<T> {
    try {
      return await lock.withLock('file', { timeoutMs: longestWaitMs }, async (lease) => {
        // Before anything is read: what somebody stalled over cannot come in between any more.
        await removeUnfinished(path)
        return work((config) =>
          writeConfig(path, config, { beforeReplace: () => requireHeld(lease) }),
        )
      })
    } catch (error) {
      if (!isAuthError(error, 'lock_timeout')) throw error
      throw new AuthError('store_unavailable', `${path} is being written by others.`, {
        cause: error,
      })
    }
  }

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
  }
}

/** Replaces the file, unless the lock was lost meanwhile. */
type Save = (config: Fields) => Promise<void>

type Alone = <T>(work: (save: Save) => Promise<T>) => Promise<T>

async function requireHeld(lease: Lease): Promise<void> {
  if (await lease.isHeld()) return
  throw new AuthError(
    'store_unavailable',
    'This process stood still while it was writing, and others may have written since.',
  )
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
