import { isFields } from '../json/fields.ts'
import type { RedisClient } from './client.ts'

/** A connection on which messages are heard. */
export interface Subscriber {
  /** Resolves when messages to this channel are heard from now on. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>
  unsubscribe(channel: string): void
  close(): void
}

/** What node-redis 4 and later gives as a duplicate, as far as it is used here. */
interface NodeRedisSubscriber {
  on(event: 'error', listener: () => void): unknown
  connect(): PromiseLike<unknown>
  subscribe(channel: string, listener: (message: string) => void): PromiseLike<unknown>
  unsubscribe(channel: string): PromiseLike<unknown>
  /** Of 5 and later. */
  destroy?(): unknown
  /** Of 4. */
  disconnect?(): PromiseLike<unknown>
  unref?(): unknown
}

/**
 * One more connection to the same Redis; `undefined` where the client cannot make one. It keeps no process
 * alive, and comes back by itself, subscriptions included, when it is lost.
 */
export function openSubscriber(client: RedisClient): Subscriber | undefined {
  const duplicate = 'duplicate' in client ? client.duplicate : undefined
  if (typeof duplicate !== 'function' || 'call' in client) return undefined
  const connection: unknown = duplicate.call(client)
  if (!isSubscriber(connection)) return undefined
  // Without a listener an error would end the process; what is missed is found by looking.
  connection.on('error', () => {})
  const connected = Promise.resolve(connection.connect()).then(() => connection.unref?.())
  connected.catch(() => {})

  return {
    async subscribe(channel, listener) {
      await connected
      await connection.subscribe(channel, listener)
    },
    unsubscribe(channel) {
      quietly(() => connected.then(() => connection.unsubscribe(channel)))
    },
    close() {
      quietly(() => connection.destroy?.() ?? connection.disconnect?.())
    },
  }
}

function isSubscriber(value: unknown): value is NodeRedisSubscriber {
  return (
    isFields(value) &&
    ['on', 'connect', 'subscribe', 'unsubscribe'].every((name) => typeof value[name] === 'function')
  )
}

/** A connection that is down is as good as closed. */
function quietly(work: () => unknown): void {
  Promise.resolve()
    .then(work)
    .catch(() => {})
}
