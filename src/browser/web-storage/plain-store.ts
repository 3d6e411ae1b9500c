import { AuthError } from '../../errors/auth-error.ts'
import { type Fields, isFields, parseFields, textOf } from '../../json/fields.ts'
import { isAccount } from '../../store/account-json.ts'
import { nameOf, type StoredEntry } from '../../store/store.ts'
import type { BrowserStore } from '../browser-store.ts'
import { changesOf } from '../changes.ts'
import { knownFormat, requireKnownFormat } from '../format.ts'
import { webLock } from '../web-lock.ts'
import type { BrowserWorld } from '../world.ts'
import { describeStorage, type StoragePlace } from './description.ts'
import { marksOf } from './marks.ts'

const timeoutMs = 5_000

/**
 * The store on `localStorage` or `sessionStorage`. Tabs that share it write under a Web Lock, and tell
 * each other in which order; without Web Locks, the last of two that write at once wins.
 */
export function plainStore(world: BrowserWorld, { storage, prefix }: StoragePlace): BrowserStore {
  const isLocal = storage === 'local'
  const place = `lanonasis-auth:${storage}-storage:${prefix}`
  const lock = webLock(isLocal ? world : {}, place)
  const changes = changesOf(world, place)
  const marks = isLocal ? marksOf(world, place) : undefined

  function area(): Storage {
    const found = isLocal ? world.window?.localStorage : world.window?.sessionStorage
    if (found) return found
    throw new DOMException('This page has no web storage.', 'SecurityError')
  }

  const textAt = (name: string) => area().getItem(prefix + name)
  const fieldsAt = (name: string) => parseFields(textAt(name) ?? '')

  /** What there is, in one word: a revision, or why there is none. */
  function stateAt(name: string): string {
    const text = textAt(name)
    return text === null ? 'none' : (textOf(parseFields(text).revision) ?? 'damaged')
  }

  /** Only to compare: who reads or writes hears of what is wrong. */
  function glance(name: string): string {
    try {
      return stateAt(name)
    } catch {
      return 'unknown'
    }
  }

  /** Runs `work` while no other tab writes, on the latest. */
  async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    // Before anybody is waited for: whether there is a storage at all.
    area()
    return lock.withLock('#write', { timeoutMs }, async () => {
      await marks?.caughtUp(name, () => stateAt(name))
      return work()
    })
  }

  /** Makes a change, and tells of it. */
  async function change(name: string, make: (area: Storage) => void): Promise<void> {
    const from = stateAt(name)
    make(area())
    await marks?.changed(name, { from, to: stateAt(name) })
    changes.announce(name)
  }

  /** @throws AuthError `store_corrupt` for what cannot be read, which is set aside then */
  async function readOrSetAside(name: string): Promise<StoredEntry | undefined> {
    const text = textAt(name)
    const entry = entryIn(fieldsAt(name), place)
    if (text === null || entry !== undefined) return entry
    await change(name, (storage) => {
      storage.setItem(`${prefix}corrupt:${crypto.randomUUID()}:${name}`, text)
      storage.removeItem(prefix + name)
    })
    throw new AuthError('store_corrupt', `What ${place} holds is no account.`, {
      hint: 'It was set aside under another name; sign in again.',
    })
  }

  return {
    lock,

    async read(key) {
      const name = nameOf(key)
      area()
      await marks?.caughtUp(name, () => stateAt(name))
      if (textAt(name) === null) return undefined
      return entryIn(fieldsAt(name), place) ?? alone(name, () => readOrSetAside(name))
    },

    commit(key, expectedRevision, value) {
      const name = nameOf(key)
      return alone(name, async () => {
        const current = await readOrSetAside(name)
        if (current?.revision !== expectedRevision) return { ok: false, current }
        const revision = crypto.randomUUID()
        if (value !== undefined) {
          // Fields that a newer version may have added stay.
          const record = { ...fieldsAt(name), format: knownFormat, revision, value }
          await change(name, (area) => area.setItem(prefix + name, JSON.stringify(record)))
        } else if (current !== undefined) {
          await change(name, (area) => area.removeItem(prefix + name))
        }
        return { ok: true, revision }
      })
    },

    watch(key, listener) {
      const name = nameOf(key)
      let isStopped = false
      let seen = glance(name)
      // What was written before is no change, although this tab may not see it yet.
      const begun = marks?.latest(name, seen).then(
        (state) => {
          seen = state
        },
        () => {},
      )
      const look = async () => {
        await begun
        await marks?.caughtUp(name, () => glance(name)).catch(() => {})
        const state = glance(name)
        if (state === seen || isStopped) return
        seen = state
        listener()
      }
      // Another tab's write may show itself only after the message that tells of it.
      const onStorage = (event: StorageEvent) => {
        if (event.key === prefix + name || event.key === null) look()
      }
      world.window?.addEventListener('storage', onStorage)
      const stopListening = changes.listen(name, look)
      return () => {
        isStopped = true
        world.window?.removeEventListener('storage', onStorage)
        stopListening()
      }
    },

    describe: () => describeStorage(world, { storage, prefix }),

    destroy(key) {
      const name = nameOf(key)
      const isOf = (other: string) =>
        other === prefix + name ||
        (other.startsWith(`${prefix}corrupt:`) && other.endsWith(`:${name}`))
      return alone(name, () =>
        change(name, (storage) => {
          for (const other of Object.keys(storage).filter(isOf)) storage.removeItem(other)
        }),
      )
    },
  }
}

function entryIn({ format, revision, value }: Fields, place: string): StoredEntry | undefined {
  requireKnownFormat(format, place)
  return typeof revision === 'string' && isFields(value) && isAccount(value)
    ? { value, revision }
    : undefined
}
