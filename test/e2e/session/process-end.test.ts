import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { pause, until } from './agents.ts'
import { type Home, homeWith } from './home.ts'

/** Runs the program that never closes its client. */
async function run(home: Home, work: string) {
  const child = spawn(process.execPath, [await bundle('test/e2e/session/fixtures/forgetful.ts')], {
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      ...home.platform.env,
      AUTH_GATEWAY_URL: home.gate.origin,
      CONFIG_PATH: home.path,
      WORK: work,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let saidAt = 0
  child.stdout.once('data', () => {
    saidAt = performance.now()
  })
  const [[code], said] = await Promise.all([once(child, 'close'), text(child.stdout)])
  return { code, said: said.trim(), lingeredMs: Math.round(performance.now() - saidAt) }
}

describe('a program that forgets to close its client ends by itself', () => {
  it.each(['auto-refresh', 'watch'])('with %s on', async (work) => {
    const home = await homeWith({ validForMs: 600_000 })
    const ended = await run(home, work)
    console.log(`${work}: ended ${ended.lingeredMs} ms after its work`)
    expect(ended).toMatchObject({ code: 0, said: home.tokens.accessToken })
    expect(ended.lingeredMs).toBeLessThan(2_000)
  })

  it('after a renewal, with auto-refresh on', async () => {
    const home = await homeWith()
    const ended = await run(home, 'auto-refresh')
    expect(ended).toMatchObject({ code: 0, said: (await home.auth()).tokens.access_token })
    expect(ended.lingeredMs).toBeLessThan(2_000)
  })

  /** Another process is renewing, for as long as we like. */
  async function withHolder(work: string, whileHeld: () => Promise<void>) {
    const home = await homeWith()
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    home.gate.keep(async ({ pass, answer }) => {
      await pass()
      await released
      answer()
    })
    const holder = await home.start()
    const held = holder.do('token')
    await until(() => home.gate.renewals === 1, { what: 'A renewal' })
    const running = run(home, work)
    await whileHeld()
    release()
    await held
    return { home, ended: await running }
  }

  it('and not before what it waits for: a lock that another process holds', async () => {
    const { home, ended } = await withHolder('wait', () => pause(1_500))
    expect(ended).toMatchObject({ code: 0, said: (await home.auth()).tokens.access_token })
    expect(ended.lingeredMs).toBeLessThan(2_000)
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })

  it('although a wait for the lock goes on that nobody cares for any more', async () => {
    const { ended } = await withHolder('leave', () => pause(1_500))
    expect(ended).toMatchObject({ code: 0, said: 'aborted' })
    console.log(`leave: ended ${ended.lingeredMs} ms after its caller had given up`)
    expect(ended.lingeredMs).toBeLessThan(4_000)
  })
})
