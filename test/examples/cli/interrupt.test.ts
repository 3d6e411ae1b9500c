import { readdir } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { listenOnLoopback } from '../../../src/node/loopback/listener.ts'
import { readJson } from '../../support/directories.ts'
import { missingTerminal, type Terminal } from '../../support/pseudo-terminal.ts'
import { type Machine, machine } from './machine.ts'

const missing = await missingTerminal()
beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing)
})

const authorizePage = /(http:\/\/127\.0\.0\.1:\d+\/\S*authorize\S*)/
const ctrlC = '\x03'

function portOf(url: string): number {
  return Number(new URL(new URL(url).searchParams.get('redirect_uri') ?? '').port)
}

async function expectReleased(port: number): Promise<void> {
  const listener = await listenOnLoopback({ ports: [port] })
  await listener.close()
}

/** Nothing lies around, the terminal is as it was, and the next sign-in works. */
async function expectTidy({ home, start, signInWithBrowser }: Machine, terminal: Terminal) {
  expect(terminal.screen()).toMatch(/\(aborted\)|Signed in/)
  expect(terminal.screen()).not.toMatch(/ {4}at /)
  expect((await readdir(home)).filter((name) => name !== '.maas.config')).toEqual([])
  const login = start('auth login --method browser --port 0')
  await signInWithBrowser()
  expect(await login.ended).toMatchObject({ code: 0 })
}

/** The line, and then how the terminal was left: `isig icanon echo` are what a shell needs. */
const thenTerminal =
  '; code=$?; stty -a | tr " ;" "\\n\\n" | grep -xE -- "-?(icanon|echo|isig)" | tr "\\n" " "; exit $code'

describe('Ctrl-C', () => {
  it('while the gateway is asked whether it takes the sign-in', async () => {
    const here = await machine()
    const hang = here.platform.order({ match: 'GET /oauth/authorize', action: 'hang' })
    const login = here.type('auth login --port 0')
    await expect
      .poll(() => here.platform.requestsTo('GET /oauth/authorize').length, { timeout: 20_000 })
      .toBe(1)
    login.type(ctrlC)
    expect(await login.ended).toBe(130)
    hang()
    await expectTidy(here, login)
  })

  it('while the person is in the browser', async () => {
    const here = await machine()
    const login = here.type('auth login --port 0')
    const url = await here.opened()
    await login.sees(/Waiting for you/)
    login.type(ctrlC)
    expect(await login.ended).toBe(130)
    await expectReleased(portOf(url))
    await expectTidy(here, login)
  })

  it('while the code is exchanged: all or nothing is stored', async () => {
    const here = await machine()
    here.platform.order({ match: 'POST /oauth/token', times: 1, action: { delayMs: 1_500 } })
    const login = here.type('auth login --port 0')
    const url = await here.opened()
    const callback = await here.platform.signIn(url)
    const page = fetch(callback).catch(() => undefined)
    await expect
      .poll(() => here.platform.requestsTo('POST /oauth/token').length, { timeout: 20_000 })
      .toBe(1)
    login.type(ctrlC)
    expect(await login.ended).toBe(130)
    await page
    await expectReleased(portOf(url))
    const { code } = await here.run('auth status')
    expect(code).toBe(/Signed in/.test(login.screen()) ? 0 : 3)
    await expectTidy(here, login)
  })

  it('while another sign-in is waited for, which goes on', async () => {
    const here = await machine()
    const first = here.start('auth login --port 0')
    const url = await here.opened()
    const second = here.type('auth login --port 0')
    await second.sees(/sign-in that is under way in another program/)
    second.type(ctrlC)
    expect(await second.ended).toBe(130)
    await fetch(await here.platform.signIn(url))
    expect(await first.ended).toMatchObject({ code: 0 })
    await expectTidy(here, second)
  })

  it('while a code waits to be allowed elsewhere', async () => {
    const here = await machine()
    const login = here.type('auth login --method device')
    await login.sees(/Waiting for you to allow it/)
    login.type(ctrlC)
    expect(await login.ended).toBe(130)
    await expectTidy(here, login)
  })

  it('while an address is pasted: the terminal is as it was', async () => {
    const here = await machine()
    const login = here.type(`auth login --method paste --port 0${thenTerminal}`)
    const url = await login.sees(authorizePage)
    await login.sees(/not shown/)
    login.type(`http://127.0.0.1/callb${ctrlC}`)
    expect(await login.ended).toBe(130)
    expect(login.screen()).toMatch(/^isig icanon echo /m)
    await expectReleased(portOf(url))
    await expectTidy(here, login)
  })

  it('while an API key is typed: the terminal is as it was', async () => {
    const here = await machine()
    const login = here.type(`auth login --method api-key${thenTerminal}`)
    await login.sees(/API key/)
    login.type(`pk_half${ctrlC}`)
    expect(await login.ended).toBe(130)
    expect(login.screen()).toMatch(/^isig icanon echo /m)
    expect(login.screen()).not.toContain('pk_half')
    await expectTidy(here, login)
  })

  it('while a key is tried: it is not stored', async () => {
    const here = await machine()
    const { key } = await here.platform.createApiKey()
    const hang = here.platform.order({ match: 'GET /memor*', action: 'hang' })
    const login = here.start('auth login --method api-key', { input: key })
    await expect
      .poll(() => here.platform.requestsTo('GET /memor*').length, { timeout: 20_000 })
      .toBe(1)
    login.kill('SIGINT')
    expect(await login.ended).toMatchObject({ code: 130, stdout: '' })
    hang()
    expect((await here.run('auth status')).code).toBe(3)
  })

  it('at a question means no', async () => {
    const here = await machine()
    await here.signedIn()
    await here.run('memory create --title Kept --content text')
    const [memory] = here.platform.memories
    const question = here.type(`memory delete ${memory?.id}${thenTerminal}`)
    await question.sees(/for good\?/)
    question.type(ctrlC)
    expect(await question.ended).toBe(130)
    expect(question.screen()).toMatch(/^isig icanon echo /m)
    expect(here.platform.memories).toHaveLength(1)
  })

  it.each(['auth login --method api-key', 'memory delete an-id'])(
    'has Ctrl-D for company at a question: %s',
    async (line) => {
      const here = await machine()
      const question = here.type(`${line}${thenTerminal}`)
      await question.sees(/not shown|for good\?/)
      question.type('\x04')
      expect(await question.ended).toBe(130)
      expect(question.screen()).toContain('(aborted)')
      const [hidden, shown] = ['\u001b[?25l', '\u001b[?25h'].map((cursor) =>
        question.screen().lastIndexOf(cursor),
      )
      expect(shown).toBeGreaterThan(hidden ?? 0)
      expect(question.screen()).toMatch(/^isig icanon echo /m)
      expect(here.platform.requests).toEqual([])
    },
  )

  it('ends a stream of events', async () => {
    const here = await machine()
    await here.signedIn()
    const events = here.type('events')
    await events.sees(/Waiting for events/)
    events.type(ctrlC)
    expect(await events.ended).toBe(130)
  })

  it('once more does not wait', async () => {
    const here = await machine()
    await here.signedIn()
    here.platform.order({ match: 'POST /oauth/token', action: { delayMs: 20_000 } })
    const refresh = here.start('auth token --refresh')
    await expect
      .poll(() => here.platform.requestsTo('POST /oauth/token').length, { timeout: 20_000 })
      .toBe(1)
    refresh.kill('SIGINT')
    await expect.poll(refresh.stderr, { timeout: 15_000 }).toMatch(/once more does not wait/)
    refresh.kill('SIGINT')
    expect(await refresh.ended).toMatchObject({ code: 130, stdout: '' })
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('has a kin, %s, that ends with %i', async (signal, exit) => {
    const here = await machine()
    const login = here.start('auth login --port 0')
    await here.opened()
    login.kill(signal)
    expect(await login.ended).toMatchObject({ code: exit, stdout: '' })
    await expect(readJson(here.config)).rejects.toThrow(/ENOENT/)
  })
})
