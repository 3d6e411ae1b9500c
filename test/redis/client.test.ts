import { describe, expect, it, vi } from 'vitest'
import { type RedisClient, redisStore } from '../../src/redis.ts'
import { failure } from '../support/async.ts'

const key = { issuer: 'https://auth.example.com', clientId: 'dashboard', profile: 'ada' }
const common = `lanonasis:auth:{${encodeURIComponent('["https://auth.example.com","dashboard","ada",""]')}}`
const record = `${common}:account`
const gone = `${common}:gone`

function read(client: RedisClient): Promise<unknown> {
  return redisStore(client).read(key)
}

describe('a client of Redis', () => {
  it('of the package redis is given commands, and a signal by the name of each version', async () => {
    const sendCommand = vi.fn(async () => ['absent'])
    expect(await read({ sendCommand })).toBe(undefined)
    const [[command, options]] = sendCommand.mock.calls as unknown as [[string[], object]]
    expect(command).toEqual(['EVALSHA', expect.stringMatching(/^[0-9a-f]{40}$/), '2', record, gone])
    expect(options).toEqual({
      abortSignal: expect.any(AbortSignal),
      signal: expect.any(AbortSignal),
    })
  })

  it('of ioredis is called, although it has a sendCommand as well', async () => {
    const call = vi.fn(async () => ['absent'])
    const client = { call, sendCommand: () => expect.fail('It wants an object of its own.') }
    expect(await read(client)).toBe(undefined)
    expect(call).toHaveBeenCalledWith('EVALSHA', expect.any(String), '2', record, gone)
  })

  it('of any other kind is a function, which is told the key for a cluster', async () => {
    const send = vi.fn(async (_command: string[], _context: { readonly key: string }) => ['absent'])
    expect(await read(send)).toBe(undefined)
    expect(send.mock.lastCall?.[1]).toMatchObject({ key: record })
  })

  it('may give bytes', async () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    const value = { session: { status: 'signed-out' } }
    const send = async () => ['found', 'id', '2', JSON.stringify(value)].map(bytes)
    expect(await read(send)).toEqual({ value, revision: 'id.2' })
  })

  it('has to be one', () => {
    for (const nothing of [{}, { call: 'me' }, { sendCommand: 1 }]) {
      // @ts-expect-error neither has the form of a client
      expect(() => redisStore(nothing)).toThrowError(
        expect.objectContaining({ code: 'config_invalid' }),
      )
    }
  })
})

describe('the options of redisStore', () => {
  const send = async () => ['absent']

  it.each([
    ['a prefix with braces', { prefix: '{auth}:' }],
    ['a key of another length', { encryption: new Uint8Array(16) }],
    [
      'a previous key of another length',
      {
        encryption: { current: new Uint8Array(32), previous: [new Uint8Array(31)] },
      },
    ],
  ])('refuse %s at once', (_what, options) => {
    expect(() => redisStore(send, options)).toThrowError(
      expect.objectContaining({ code: 'config_invalid' }),
    )
  })

  it('take a CryptoKey for AES-GCM, and refuse one that cannot be used', async () => {
    const make = (usages: KeyUsage[]) =>
      crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, usages)
    const entries = new Map<string, readonly string[]>()
    const remember = async ([, , , name = '', , , id = '', value = '']: string[]) => {
      if (id === '') return entries.get(name) ?? ['absent']
      entries.set(name, ['found', id, '0', value])
      return ['committed', '0']
    }
    const store = redisStore(remember, { encryption: await make(['encrypt', 'decrypt']) })
    const account = { session: { status: 'signed-out' }, apiKey: { value: 'pk_a.sk_a' } } as const
    await store.commit(key, undefined, account)
    expect(JSON.stringify([...entries])).not.toContain('sk_a')
    expect((await store.read(key))?.value).toEqual(account)
    const decryptOnly = await make(['decrypt'])
    expect(() => redisStore(send, { encryption: decryptOnly })).toThrowError(
      expect.objectContaining({ code: 'config_invalid' }),
    )
  })
})

describe('an answer of Redis', () => {
  it('that says the script is not known is followed by the script', async () => {
    const commands: string[] = []
    const send = async ([name = '']: string[]) => {
      commands.push(name)
      if (name === 'EVALSHA') throw new Error('NOSCRIPT No matching script.')
      return ['absent']
    }
    await read(send)
    expect(commands).toEqual(['EVALSHA', 'EVAL'])
  })

  it.each([
    ['READONLY You can’t write against a read only replica.', 'primary'],
    ['NOPERM this user has no permissions to run evalsha', 'EVALSHA'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'another prefix'],
  ])('that begins with %s tells what to do', async (text, hint) => {
    const send = async () => {
      throw new Error(`${text} refresh-secret-of-ada`)
    }
    const error = await failure(read(send))
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: `Redis refused (${text.split(' ')[0]}).`,
      hint: expect.stringContaining(hint),
    })
    expect(JSON.stringify(error)).not.toContain('secret-of')
  })

  it('of an unknown form is not taken for nothing', async () => {
    for (const answer of [null, 'OK', ['what'], []]) {
      expect(await failure(read(async () => answer))).toMatchObject({ code: 'store_unavailable' })
    }
  })
})
