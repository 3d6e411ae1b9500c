import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fieldsOf } from '../../../src/json/fields.ts'
import type { Platform } from '../../../src/testing.ts'
import { servePlatform } from '../../../src/testing-node.ts'
import { bundle } from '../../support/bundle.ts'
import { startChaosProxy } from '../../support/chaos-proxy.ts'
import type { ChaosOrder, ChaosReport } from './fixtures/chaos-client.ts'

/** The whole of it; less only for whoever works on it. */
const chaosMs = Number(process.env.CHAOS_MS ?? 60_000)
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000))
const megabyte = 1_048_576

describe(`a network that cuts, resets, half-closes, drops and delays for ${chaosMs / 1000} s, as CHAOS_SEED=${seed} has it`, () => {
  it('settles every request, fails no idempotent one, and leaves nothing behind', {
    timeout: chaosMs + 180_000,
  }, async () => {
    await using platform = await servePlatform({
      limits: false,
      realtime: { dialect: 'ack', pingMs: 300, heartbeatMs: 300 },
    })
    // So that there is always an answer for the network to lose.
    platform.order({ match: 'MESSAGE tools/call', action: { delayMs: 20 } })
    const target = new URL(platform.endpoints.mcpHttp).origin
    const proxy = await startChaosProxy({ target, seed })
    onTestFinished(() => proxy.close())
    const { key: apiKey } = await platform.createApiKey()
    const through = proxy.origin.slice('http'.length)
    const env = {
      ...platform.env,
      MCP_HTTP_URL: `http${through}/api/v1`,
      MCP_WS_URL: `ws${through}/ws`,
      MCP_SSE_URL: `http${through}/api/v1/events`,
    }

    const child = fork(await bundle('test/e2e/realtime/fixtures/chaos-client.ts'), {
      execArgv: ['--expose-gc'],
      env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = new AbortController()
    child.once('exit', (code, signal) => {
      ended.abort(new Error(`The client ended by itself: ${signal ?? code}.`))
    })
    child.send({ env, apiKey, ms: chaosMs } satisfies ChaosOrder)
    await heardFrom(child, ended.signal)
    proxy.calm()
    const opened = platform.realtime.connections.length
    child.send('calm')
    const [report] = (await heardFrom(child, ended.signal)) as [ChaosReport]
    const grown = growth(report.heap)
    console.log(
      `seed ${seed}: ${JSON.stringify(proxy.met)} of the connections; ${opened} sockets and streams; ` +
        `${JSON.stringify(report.outcomes)}; ${report.events} events; ` +
        `heap ${(grown / megabyte).toFixed(2)} MB more in the last third than in the second`,
    )

    expect(report.wrong).toEqual([])
    // Nothing is lost, nothing is done twice, and nothing is sent twice that its caller did not allow to be.
    const titles = platform.memories.map(({ title }) => title).filter((title) => title !== 'last')
    expect(twice(titles)).toEqual([])
    expect(twice(sentOnce(platform))).toEqual([])
    expect(titles).toEqual(expect.arrayContaining([...report.created]))
    expect(report.created.length).toBeGreaterThan(0)
    expect(report.events).toBeGreaterThan(0)

    expect(report.resources).toEqual([])
    expect(report.timers).toEqual([])
    expect(report.listeners).toBe(0)
    await expect.poll(() => proxy.open, { timeout: 10_000 }).toBe(0)
    // The service hears of an end a moment after the proxy.
    const { realtime } = platform
    await expect.poll(() => realtime.sockets.length + realtime.streams.length).toBe(0)
    child.send('end')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(grown).toBeLessThan(megabyte)
    // It was chaos.
    for (const count of Object.values(proxy.met)) expect(count).toBeGreaterThan(0)
  })
})

/** Its next message. Who waits for one of a process that has ended, is told why there is none. */
async function heardFrom(child: ChildProcess, ended: AbortSignal): Promise<unknown[]> {
  try {
    return await once(child, 'message', { signal: ended })
  } catch (error) {
    throw ended.aborted ? ended.reason : error
  }
}

function twice(texts: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return texts.filter((text) => seen.size === seen.add(text).size)
}

/** The titles that came in to be created, without a key that would make it safe to repeat. */
function sentOnce(platform: Platform): readonly string[] {
  const messages = platform.realtime.connections.flatMap(({ received }) => received)
  return messages.flatMap((text) => {
    const { name, arguments: given } = fieldsOf(fieldsOf(JSON.parse(text)).params)
    const { title, idempotency_key: key } = fieldsOf(given)
    const isOne = name === 'create_memory' && key === undefined && title !== 'last'
    return isOne ? [String(title)] : []
  })
}

/** From the second third to the last one: in the first, code is still being loaded and compiled. */
function growth(heap: readonly number[]): number {
  const third = Math.floor(heap.length / 3)
  const mean = (part: readonly number[]) => part.reduce((sum, used) => sum + used, 0) / part.length
  return mean(heap.slice(2 * third)) - mean(heap.slice(third, 2 * third))
}
