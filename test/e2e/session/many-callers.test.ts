import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient, fileStore } from '../../../src/node.ts'
import { bundle } from '../../support/bundle.ts'
import { observedStore } from '../../support/stores.ts'
import type { Crowd, CrowdReport } from './fixtures/callers.ts'
import { homeWith } from './home.ts'

const megabyte = 1_048_576

describe('many callers in one process', () => {
  it('of an ended token share one renewal, and take little memory', {
    timeout: 60_000,
  }, async () => {
    const child = fork(await bundle('test/e2e/session/fixtures/callers.ts'), {
      execArgv: ['--expose-gc'],
      env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    })
    onTestFinished(() => void child.kill('SIGKILL'))

    const gather = async (callers: number) => {
      const home = await homeWith()
      home.gate.keep(async ({ pass, answer }) => {
        await pass()
        child.send('held')
        await once(child, 'message')
        answer()
      })
      child.send({
        path: home.path,
        env: { ...home.platform.env, AUTH_GATEWAY_URL: home.gate.origin },
        callers,
      } satisfies Crowd)
      await once(child, 'message')
      const [report] = (await once(child, 'message')) as [CrowdReport]
      return { ...report, requests: home.tokenRequests() }
    }

    // Once for everything that is loaded and compiled on first use.
    await gather(1_000)
    const few = await gather(1_000)
    const many = await gather(10_000)
    for (const { tokens, requests } of [few, many]) {
      expect(tokens).toBe(1)
      expect(requests).toEqual({ sent: 1, succeeded: 1 })
    }
    const inMegabytes = (bytes: number) => (bytes / megabyte).toFixed(2)
    const grown = many.after - few.after
    const grownWaiting = many.waiting - few.waiting
    console.log(
      `10,000 callers: ${many.requests.sent} refresh in ${Math.round(many.ms)} ms; ` +
        `heap from 1,000 to 10,000: ${inMegabytes(grownWaiting)} MB more while they wait, ` +
        `${inMegabytes(grown)} MB more after`,
    )
    expect(grown).toBeLessThan(5 * megabyte)
    expect(grownWaiting).toBeLessThan(5 * megabyte)
  })

  it('of a fresh token read no store and send nothing', async () => {
    const home = await homeWith({ validForMs: 600_000 })
    const { store, seen } = observedStore(fileStore({ path: home.path }))
    const env = { ...home.platform.env, AUTH_GATEWAY_URL: home.gate.origin }
    const client = createClient({ env, store })
    onTestFinished(() => client.close())
    expect(await client.getAccessToken()).toBe(home.tokens.accessToken)
    const { reads, commits } = { ...seen }
    const calls = 100_000
    const startedAt = performance.now()
    for (let call = 0; call < calls; call++) await client.getAccessToken()
    const ms = performance.now() - startedAt
    console.log(
      `${calls} calls on a fresh token: ${seen.reads - reads} store reads, ` +
        `${home.platform.requests.length} requests, ${((ms * 1_000) / calls).toFixed(2)} µs each`,
    )
    expect(seen).toEqual({ reads, commits })
    expect(reads).toBe(1)
    expect(home.platform.requests).toEqual([])
  })
})
