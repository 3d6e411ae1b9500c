import { AuthError } from '../../errors/auth-error.ts'
import { type Fields, isFields, parseFields } from '../../json/fields.ts'
import { isAccount } from '../../store/account-json.ts'
import { nameOf, type StoredEntry } from '../../store/store.ts'
import type { BrowserStore } from '../browser-store.ts'
import { changesOf } from '../changes.ts'
import { knownFormat, requireKnownFormat } from '../format.ts'
import { webLock } from '../web-lock.ts'
import { hasWebLocks } from '../web-locks.ts'
import type { BrowserWorld } from '../world.ts'
import { describeStorage, type StoragePlace } from './description.ts'

const timeoutMs = 5_000
/** Where tabs cannot exclude each other: how long another one's write may take to show itself. */
const settleMs = 50

/**
 * The store on `localStorage` or `sessionStorage`. Within one tab nothing comes between reading and
 * writing, which is all that a `session` store needs; tabs of a `local` one write under a Web Lock.
 */
export function plainStore(world: BrowserWorld, { storage, prefix }: StoragePlace): BrowserStore {
  const isLocal = storage === 'local'
  const place = `lanonasis-auth:${storage}-storage:${prefix}`
  const lock = webLock(isLocal ? world : {}, place)
  const changes = changesOf(world, place)

  function area(): Storage {
    const found = isLocal ? world.window?.localStorage : world.window?.sessionStorage
    if (found) return found
    throw new DOMException('This page has no web storage.', 'SecurityError')
  }

  const textAt = (name: string) => area().getItem(prefix + name)
  const fieldsAt = (name: string) => parseFields(textAt(name) ?? '')
  const alone = <T>(work: () => Promise<T>): Promise<T> =>
    isLocal ? lock.withLock('#write', { timeoutMs }, work) : work()

  /** @throws AuthError `store_corrupt` for what cannot be read, which is set aside then */
  function readOrSetAside(name: string): StoredEntry | undefined {
    const text = textAt(name)
    const entry = entryIn(fieldsAt(name), place)
    if (text === null || entry !== undefined) return entry
    area().setItem(`${prefix}corrupt:${crypto.randomUUID()}:${name}`, text)
    area().removeItem(prefix + name)
    throw new AuthError('store_corrupt', `What ${place} holds is no account.`, {
      hint: 'It was set aside under another name; sign in again.',
    })
  }

  /** For comparison only: who reads or writes hears of what is wrong. */
  function glance(name: string): unknown {
    try {
      return fieldsAt(name).revision
    } catch {
      return undefined
    }
  }

  /** Whether what was written is what stays: without a lock, the last of two tabs wins. */
  async function stays(name: string, revision: string): Promise<boolean> {
    if (!isLocal || hasWebLocks(world)) return true
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    return fieldsAt(name).revision === revision
  }

  return {
    lock,

    async read(key) {
      const name = nameOf(key)
      if (textAt(name) === null) return undefined
      return entryIn(fieldsAt(name), place) ?? alone(async () => readOrSetAside(name))
    },

    commit: (key, expectedRevision, value) =>
      alone(async () => {
        const name = nameOf(key)
        const current = readOrSetAside(name)
        if (current?.revision !== expectedRevision) return { ok: false, current }
        const revision = crypto.randomUUID()
        if (value === undefined) {
          area().removeItem(prefix + name)
        } else {
          // Fields that a newer version may have added stay.
          const record = { ...fieldsAt(name), format: knownFormat, revision, value }
          area().setItem(prefix + name, JSON.stringify(record))
          if (!(await stays(name, revision))) return { ok: false, current: readOrSetAside(name) }
        }
        changes.announce(name)
        return { ok: true, revision }
      }),

    watch(key, listener) {
      const name = nameOf(key)
      let seen = glance(name)
      const look = () => {
        const revision = glance(name)
        if (revision === seen) return
        seen = revision
        listener()
      }
      // Another tab's write may show itself only after the message that tells of it.
      const onStorage = (event: StorageEvent) => {
        if (event.key === prefix + name || event.key === null) look()
      }
      world.window?.addEventListener('storage', onStorage)
      const stopListening = changes.listen(name, look)
      return () => {
        world.window?.removeEventListener('storage', onStorage)
        stopListening()
      }
    },

    describe: () => describeStorage(world, { storage, prefix }),

    destroy: (key) =>
      alone(async () => {
        const name = nameOf(key)
        const names = Object.keys(area()).filter(
          (other) =>
            other === prefix + name ||
            (other.startsWith(`${prefix}corrupt:`) && other.endsWith(`:${name}`)),
        )
        for (const other of names) area().removeItem(other)
        changes.announce(name)
      }),
  }
}

function entryIn({ format, revision, value }: Fields, place: string): StoredEntry | undefined {
  requireKnownFormat(format, place)
  return typeof revision === 'string' && isFields(value) && isAccount(value)
    ? { value, revision }
    : undefined
}
