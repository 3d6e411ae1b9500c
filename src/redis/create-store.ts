import type { Lock } from '../lock/lock.ts'
import { nameOf, type TokenStore } from '../store/store.ts'
import { commandFunction, type RedisClient } from './client.ts'
import { redisConnection } from './connection.ts'
import { envelope } from './envelope.ts'
import { checkedPrefix, keyNames } from './key-names.ts'
import type { RedisEncryption, RedisStoreOptions } from './options.ts'
import { plainFormat, type RecordFormat, sealedFormat } from './record.ts'
import { RedisRecords } from './records.ts'
import { redisLock } from './redis-lock.ts'
import { openSubscriber } from './subscriber.ts'
import { Watchers } from './watchers.ts'

/** What only tests set. */
export interface RedisStoreSettings extends RedisStoreOptions {
  readonly leaseMs?: number | undefined
  readonly commandTimeoutMs?: number | undefined
  readonly now?: (() => number) | undefined
}

/** A Redis store has everything a store may have, but another place to fall back to. */
export type RedisStore = Required<Omit<TokenStore, 'onFallback' | 'choice' | 'holdsAccounts'>> & {
  readonly lock: Lock
}

export function createRedisStore(client: RedisClient, settings: RedisStoreSettings): RedisStore {
  const { encryption, watch = 'subscribe', leaseMs, commandTimeoutMs, now = Date.now } = settings
  const prefix = checkedPrefix(settings.prefix)
  const connection = redisConnection(commandFunction(client), commandTimeoutMs)
  const namesOf = (name: string) => keyNames(prefix, name)
  const format = formatFor(encryption)
  const records = new RedisRecords({ connection, format, namesOf, now })
  const watchers = new Watchers({
    peek: (name) => records.peek(name),
    channelOf: (name) => namesOf(name).channel,
    openSubscriber: () => (watch === 'subscribe' ? openSubscriber(client) : undefined),
  })

  return {
    lock: redisLock({ connection, namesOf, leaseMs }),
    read: (key) => records.read(key),
    commit: (key, expectedRevision, value) => records.commit(key, expectedRevision, value),
    watch: (key, listener) => watchers.add(nameOf(key), listener),
    destroy: (key) => records.destroy(key),
    describe: () => ({
      kind: 'redis',
      location: prefix,
      persistent: true,
      encrypted: encryption !== undefined,
      shared: 'cluster',
      note: 'What survives a crash of Redis is decided by its own settings: appendonly, replicas, eviction.',
    }),
  }
}

function formatFor(encryption: RedisEncryption | undefined): RecordFormat {
  if (encryption === undefined) return plainFormat()
  const isKeys = !(encryption instanceof Uint8Array) && 'current' in encryption
  return sealedFormat(envelope(encryption), {
    acceptPlain: isKeys && encryption.acceptPlain === true,
  })
}
