import { createHash, randomUUID } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AuthError } from '../../errors/auth-error.ts'
import { type Fields, textOf } from '../../json/fields.ts'
import { memoryLock } from '../../lock/memory-lock.ts'
import type { StoredEntry, StoreKey, TokenStore } from '../../store/store.ts'
import { readConfig, writeConfig } from './config-file.ts'
import { accountIn, migrateToken, sectionIn, withAccount } from './maas-config.ts'

/** Where {@link fileStore} keeps its file. */
export interface FileStoreOptions {
  /** Default: `~/.maas.config`. */
  readonly path?: string | undefined
}

/** `~/.maas.config`, the config file of the roadmap. */
export function defaultConfigPath(): string {
  return join(homedir(), '.maas.config')
}

const longestWaitMs = 10_000

// One for all stores of this process: two of them may have the same file.
const locks = memoryLock()

/**
 * Keeps credentials in the config file of the Lanonasis tools, in the roadmap's schema: mode 0600,
 * replaced atomically, fields of other programs and versions kept. A file that cannot be understood is
 * set aside, never overwritten.
 *
 * A top-level `token` of the time before OAuth is moved to `auth.legacyToken` at the first read.
 */
export function fileStore(options: FileStoreOptions = {}): TokenStore {
  const path = resolve(options.path ?? defaultConfigPath())

  /** One reader or writer of the file at a time, in this process. */
  const exclusively = <T>(work: () => Promise<T>) =>
    locks.withLock(`file ${path}`, { timeoutMs: longestWaitMs }, work)

  return {
    lock: {
      withLock: (name, limits, work) => locks.withLock(`${path} ${name}`, limits, work),
    },

    read: (key) =>
      exclusively(async () => {
        const config = await readConfig(path)
        const migrated = migrateToken(config)
        if (migrated !== undefined) await tryWrite(path, migrated)
        return entryIn(migrated ?? config, key)
      }),

    commit: (key, expectedRevision, value) =>
      exclusively(async () => {
        const found = await readConfig(path)
        const config = migrateToken(found) ?? found
        const current = entryIn(config, key)
        if (current?.revision !== expectedRevision) return { ok: false, current }
        const changed: Fields = {
          ...withAccount(config, { key, account: value, revision: randomUUID() }),
          last_updated: new Date().toISOString(),
        }
        await writeConfig(path, changed)
        return { ok: true, revision: entryIn(changed, key)?.revision ?? '' }
      }),

    describe: () => ({
      kind: 'file',
      location: path,
      persistent: true,
      encrypted: false,
      shared: 'machine',
    }),
  }
}

function entryIn(config: Fields, key: StoreKey): StoredEntry | undefined {
  const value = accountIn(config, key)
  return value && { value, revision: revisionOf(sectionIn(config, key)) }
}

/** Never the same twice, and another one also when a program that knows no revisions has changed the account. */
function revisionOf(section: Fields): string {
  const { accounts, ...account } = section
  const content = createHash('sha256').update(JSON.stringify(account)).digest('base64url')
  return `${textOf(section.revision) ?? ''}.${content}`
}

/** The migration can wait for a file that cannot be written now. */
async function tryWrite(path: string, config: Fields): Promise<void> {
  try {
    await writeConfig(path, config)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
  }
}
