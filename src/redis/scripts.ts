import { once } from '../async/once.ts'

/** A Lua script: Redis runs it as one step, on the node that has the keys. */
export interface Script {
  readonly source: string
  /** SHA-1 of the source in hexadecimal: the name by which Redis knows it. */
  readonly sha: () => Promise<string>
}

function script(source: string): Script {
  return { source, sha: once(() => sha1(source)) }
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * What a record holds: `id` of the commit that wrote it, `first`, the id of the one that began it, `value`,
 * and `fence`, which counts the leases that were given since. Other fields are those of newer versions, and
 * stay. When it is removed, `first` is remembered for a while.
 *
 * Announcing a change may be forbidden to this user of Redis, and must not undo what it announces.
 */
export const scripts = {
  /**
   * `{'absent', gone}` or `{'found', id, fence, value}`. A script although it only reads: clients send those to
   * the primary, and a replica may be behind.
   */
  read: script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {'absent', redis.call('GET', KEYS[2]) or ''} end
local found = redis.call('HMGET', KEYS[1], 'id', 'fence', 'value')
return {'found', found[1] or '', found[2] or '0', found[3] or ''}`),

  /**
   * Compare-and-swap. ARGV: the expected revision, the id of this commit, the value (empty: remove), how
   * long it lives in ms (empty: without end), `1` if it lives at least as long as what was there, the channel,
   * what `read` said of a removed account before, how long a removal is remembered in ms.
   *
   * `{'committed', fence}`, else as `read`. The same commit may come again, when its answer was lost, at
   * any time: one that begins an account finds by what is remembered that it was made, and removed
   * since, or that it comes too late. Another revision tells that to all others.
   */
  commit: script(`
local there = redis.call('EXISTS', KEYS[1]) == 1
local found = redis.call('HMGET', KEYS[1], 'id', 'fence', 'value')
local id, fence = found[1] or '', found[2] or '0'
if there and id == ARGV[2] then return {'committed', fence} end
local revision = there and (id .. '.' .. fence) or ''
local gone = not there and redis.call('GET', KEYS[2]) or ''
if gone == ARGV[2] then return {'committed', '0'} end
local late = revision == '' and ARGV[3] ~= '' and gone ~= ARGV[7]
if late or revision ~= ARGV[1] then
  if not there then return {'absent', gone} end
  return {'found', id, fence, found[3] or ''}
end
if ARGV[3] == '' then
  if there then
    local first = redis.call('HGET', KEYS[1], 'first') or id
    redis.call('SET', KEYS[2], first, 'PX', ARGV[8])
  end
  redis.call('DEL', KEYS[1])
  redis.pcall('PUBLISH', ARGV[6], '')
  return {'committed', '0'}
end
local life = tonumber(ARGV[4])
if life and ARGV[5] == '1' then life = math.max(life, redis.call('PTTL', KEYS[1])) end
redis.call('HSET', KEYS[1], 'id', ARGV[2], 'fence', '0', 'value', ARGV[3])
if not there then redis.call('HSET', KEYS[1], 'first', ARGV[2]) end
if life then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', life))
else
  redis.call('PERSIST', KEYS[1])
end
redis.pcall('PUBLISH', ARGV[6], ARGV[2])
return {'committed', '0'}`),

  /**
   * Moves a value that nobody understands out of the way, once. ARGV: id, value, a new name, life in ms,
   * channel, how long it is remembered that the account is gone in ms.
   */
  setAside: script(`
local found = redis.call('HMGET', KEYS[1], 'id', 'value')
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if (found[1] or '') ~= ARGV[1] or (found[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], redis.call('HGET', KEYS[1], 'first') or ARGV[3], 'PX', ARGV[6])
redis.call('DEL', KEYS[1])
redis.pcall('PUBLISH', ARGV[5], '')
return 1`),

  /**
   * Removes an account and what was set aside of it. ARGV: channel, a new name, how long that is remembered
   * in ms. Also where nothing is there: what would begin it may be on its way.
   */
  destroy: script(`
local first = redis.pcall('HGET', KEYS[1], 'first')
if type(first) ~= 'string' then first = ARGV[2] end
redis.call('SET', KEYS[3], first, 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
if redis.call('DEL', KEYS[1]) == 1 then redis.pcall('PUBLISH', ARGV[1], '') end
return 1`),

  /**
   * ARGV: nonce, life of the lease in ms. Who gets the lease raises the fence of the account's record, and
   * by that its revision: what an earlier holder has read before it stalled, it cannot commit over any more.
   */
  acquire: script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if not holder and redis.call('EXISTS', KEYS[2]) == 1 then redis.pcall('HINCRBY', KEYS[2], 'fence', 1) end
return 1`),

  /** ARGV: nonce, life of the lease in ms. */
  renew: script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`),

  /** ARGV: nonce. */
  release: script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`),
} as const
