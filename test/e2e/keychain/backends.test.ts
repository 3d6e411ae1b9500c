import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { KeychainBackend } from '../../../src/node/keychain-store/backend.ts'
import { HelperProcess } from '../../../src/node/keychain-store/helper-process.ts'
import { inProcess } from '../../../src/node/keychain-store/in-process.ts'
import { keyringPath } from '../../../src/node/keychain-store/keyring.ts'
import { failure } from '../../support/async.ts'
import { until } from '../session/agents.ts'
import { useDesktop } from './desktop.ts'

const setup = useDesktop()
const options = { library: keyringPath(), service: 'auth-client-backends' }

interface Child {
  readonly pid: number
  readonly line: string
}

/** The processes that this one has started, and that run, with their arguments. */
async function children(): Promise<readonly Child[]> {
  const found: Child[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
    if (Number(parent) !== process.pid) continue
    const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
    found.push({ pid: Number(pid), line })
  }
  return found
}

describe.each([
  ['a helper process', () => new HelperProcess(options)],
  ['this process', () => inProcess(options)],
])('the keychain through %s', (_name, make) => {
  function open(): KeychainBackend {
    const backend = make()
    onTestFinished(() => backend.abandon())
    return backend
  }

  it('keeps texts, and says of what is missing that it is missing', async () => {
    const backend = open()
    const account = randomUUID()
    expect(await backend.get(account)).toBeUndefined()
    await backend.set(account, 'a text')
    await backend.set(account, 'another text')
    expect(await open().get(account)).toBe('another text')
    await backend.delete(account)
    await backend.delete(account)
    expect(await backend.get(account)).toBeUndefined()
  })

  it('lists the names of what is there of the service', async () => {
    const backend = open()
    const accounts: string[] = [randomUUID(), randomUUID()]
    for (const account of accounts) await backend.set(account, 'a text')
    expect(await open().list()).toEqual(expect.arrayContaining(accounts))
    for (const account of accounts) await backend.delete(account)
    expect((await backend.list()).filter((one) => accounts.includes(one))).toEqual([])
  })

  it('fails when it is locked', async () => {
    await setup.desktop.lock()
    onTestFinished(() => setup.desktop.unlock())
    const backend = open()
    expect(await failure(backend.set(randomUUID(), 'a text'))).toBeInstanceOf(Error)
  })
})

describe('the helper process', () => {
  const helpers = async () =>
    (await children()).filter(({ line }) => line.includes(options.service))

  it('shows no secret in the list of processes', async () => {
    const backend = new HelperProcess(options)
    onTestFinished(() => backend.abandon())
    const secret = `secret-${randomUUID()}`
    const account = randomUUID()
    await backend.set(account, secret)
    expect(await helpers()).toHaveLength(1)
    expect(JSON.stringify(await children())).not.toContain(secret)
    await backend.delete(account)
  })

  it('is given no variable that may hold a secret', async () => {
    vi.stubEnv('LANONASIS_API_KEY', 'pk_1.sk_2')
    const backend = new HelperProcess(options)
    onTestFinished(() => backend.abandon())
    await backend.ready()
    const [helper] = await helpers()
    const variables = await readFile(`/proc/${helper?.pid}/environ`, 'latin1')
    expect(variables).toContain('DBUS_SESSION_BUS_ADDRESS=')
    expect(variables).not.toMatch(/LANONASIS|sk_2|NODE_OPTIONS|VITEST/)
  })

  it('ends when it is given up, with what was asked of it, and is started again', async () => {
    const backend = new HelperProcess(options)
    onTestFinished(() => backend.abandon())
    setup.desktop.stall()
    const asked = failure(backend.get('a'))
    await until(async () => (await helpers()).length === 1)
    backend.abandon()
    expect(await asked).toBeInstanceOf(Error)
    await until(async () => (await helpers()).length === 0, { what: 'The end of the helper' })
    setup.desktop.resume()
    expect(await backend.get('a')).toBeUndefined()
  })

  it('has no more connections to the session bus the more entries it was asked for', async () => {
    const backend = new HelperProcess(options)
    onTestFinished(() => backend.abandon())
    const openFiles = async () => {
      const [helper] = await helpers()
      return (await readdir(`/proc/${helper?.pid}/fd`)).length
    }
    for (let call = 0; call < 20; call++) await backend.get(randomUUID())
    const before = await openFiles()
    for (let call = 0; call < 60; call++) await backend.get(randomUUID())
    expect(await openFiles()).toBeLessThan(before + 10)
  })
})
