import { beforeEach, describe, expect, it } from 'vitest'
import { readJson } from '../../support/directories.ts'
import { missingTerminal, type Terminal } from '../../support/pseudo-terminal.ts'
import { type Machine, machine } from './machine.ts'

const missing = await missingTerminal()
beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing)
})

const ctrlC = '\x03'
const printed = /(lano_[0-9a-f]{64}|pk_\w+\.sk_\w+)/
const waits = /A new key is on its way: waiting for it/

/** Somebody is signed in, and the next answer of a route comes late. */
async function withSlow(match: string, delayMs = 3_000): Promise<Machine> {
  const here = await machine()
  await here.signedIn()
  here.platform.order({ match, times: 1, action: { delayMs } })
  return here
}

/** Types a line, and Ctrl-C when the service has heard of it. */
async function interrupt({ type, platform }: Machine, line: string, match: string) {
  const asked = () => platform.requestsTo(match).length
  const before = asked()
  const terminal = type(line)
  await expect.poll(asked, { timeout: 20_000, interval: 20 }).toBe(before + 1)
  terminal.type(ctrlC)
  return terminal
}

async function expectEnded(terminal: Terminal): Promise<void> {
  expect(await terminal.ended).toBe(130)
  expect(terminal.screen()).not.toMatch(/ {4}at /)
}

/** Whether MCP Core takes a key. */
async function works({ run }: Machine, key: string): Promise<boolean> {
  return (await run('memory list', { env: { LANONASIS_API_KEY: key } })).code === 0
}

const states = ({ platform }: Machine) => platform.apiKeys.map(({ active }) => active)

describe('Ctrl-C while a key is made', () => {
  it('★21 waits for it and prints it, and says so', async () => {
    const here = await withSlow('POST /auth/api-keys')
    const create = await interrupt(here, 'key create other --print', 'POST /auth/api-keys')
    await create.sees(waits)
    await expectEnded(create)
    expect(await works(here, await create.sees(printed))).toBe(true)
    expect(states(here)).toEqual([true])
  })

  it('★21 stores the one for this program', async () => {
    const here = await withSlow('POST /auth/api-keys')
    const create = await interrupt(here, 'key create my-laptop', 'POST /auth/api-keys')
    await create.sees(waits)
    await expectEnded(create)
    expect((await here.run('auth status')).stdout).toContain('“my-laptop”')
    expect(states(here)).toEqual([true])
  })

  it('twice does not wait, and says what may be', async () => {
    const here = await withSlow('POST /auth/api-keys', 20_000)
    const create = await interrupt(here, 'key create other --print', 'POST /auth/api-keys')
    await create.sees(waits)
    create.type(ctrlC)
    await expectEnded(create)
    expect(create.screen()).toContain('There may be a key now that nobody has')
    expect(create.screen()).not.toMatch(printed)
  })
})

describe('Ctrl-C while a key is rotated', () => {
  it.each([
    'GET /auth/api-keys/*',
    'POST /auth/api-keys',
    'POST /v1/auth/introspect',
    'POST /auth/api-keys/*/revoke',
  ])('★21 by %s waits until the new one is printed and the old one is dead', async (match) => {
    const here = await machine()
    await here.signedIn()
    const old = (await here.run('key create other --print')).stdout.trim()
    here.platform.order({ match, times: 1, action: { delayMs: 3_000 } })
    const line = `key rotate ${here.platform.apiKeys[0]?.id} --print`
    const rotate = await interrupt(here, line, match)
    await rotate.sees(waits)
    await expectEnded(rotate)
    expect(states(here)).toEqual([false, true])
    expect(await works(here, await rotate.sees(printed))).toBe(true)
    expect(await works(here, old)).toBe(false)
  })

  it.each([
    'GET /auth/api-keys/*',
    'POST /auth/api-keys',
    'POST /v1/auth/introspect',
    'POST /auth/api-keys/*/revoke',
  ])('★21 twice by %s leaves a key that works where it is used', async (match) => {
    const here = await machine()
    await here.signedIn()
    const old = (await here.run('key create other --print')).stdout.trim()
    here.platform.order({ match, times: 1, action: { delayMs: 20_000 } })
    const line = `key rotate ${here.platform.apiKeys[0]?.id} --print`
    const rotate = await interrupt(here, line, match)
    await rotate.sees(waits)
    rotate.type(ctrlC)
    await expectEnded(rotate)
    const [, shown] = printed.exec(rotate.screen()) ?? []
    expect(await works(here, shown ?? old)).toBe(true)
  })

  it('★21 stores the one for this program', async () => {
    const here = await machine()
    await here.signedIn()
    await here.run('key create my-laptop')
    const before = JSON.stringify(await readJson(here.config))
    const match = 'POST /auth/api-keys'
    here.platform.order({ match, times: 1, action: { delayMs: 3_000 } })
    const rotate = await interrupt(here, 'key rotate', match)
    await rotate.sees(waits)
    await expectEnded(rotate)
    expect(states(here)).toEqual([false, true])
    expect(JSON.stringify(await readJson(here.config))).not.toBe(before)
    expect((await here.run('memory list')).code).toBe(0)
    expect(here.platform.requestsTo('GET /memor*').at(-1)?.credential).toBe('api-key')
  })
})

describe('Ctrl-C while a memory is written', () => {
  it('ends at once, and says that it may be there', async () => {
    const here = await withSlow('POST /memor*', 20_000)
    const line = 'memory create --title Title --content text'
    const create = await interrupt(here, line, 'POST /memor*')
    await expectEnded(create)
    expect(create.screen()).toContain('on its way to the services may have arrived.')
    // Nothing is in the way of the next one.
    expect((await here.run('memory create --title Next --content text')).code).toBe(0)
    expect(here.platform.memories.map(({ title }) => title)).toContain('Next')
  })

  it('read or deleted, the same', async () => {
    const here = await machine()
    await here.signedIn()
    const id = (await here.run('memory create --title Kept --content text')).stdout.trim()
    for (const [line, match] of [
      [`memory get ${id}`, 'GET /memor*/*'],
      ['memory list', 'GET /memor*'],
      [`memory delete ${id} --yes`, 'DELETE /memor*/*'],
    ] as const) {
      here.platform.order({ match, times: 1, action: { delayMs: 20_000 } })
      await expectEnded(await interrupt(here, line, match))
    }
    expect((await here.run('auth status')).code).toBe(0)
  })
})
