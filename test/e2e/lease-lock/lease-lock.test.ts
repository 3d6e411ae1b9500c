import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node/file-store/file-store.ts'
import { leaseLock } from '../../../src/node/lease-lock/lease-lock.ts'
import { accountOf, production } from '../../node/file-store/accounts.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { startWorker, type Worker } from './workers.ts'

/** Processes with the names 0, 1, …, each of which counts so many times. */
function startCounters(path: string, { processes, times }: { processes: number; times: number }) {
  return Promise.all(
    Array.from({ length: processes }, (_, name) => startWorker('count', path, name, times)),
  )
}

const ends = (workers: readonly Worker[]) => Promise.all(workers.map(({ ended }) => ended))

describe('the lock between processes', () => {
  it('lets 16 processes count to 50 each, and loses nothing', async () => {
    const path = await configPath({})
    const workers = await startCounters(path, { processes: 16, times: 50 })
    expect(await ends(workers)).toEqual(Array(16).fill(0))
    expect(await readJson(path)).toEqual(
      Object.fromEntries(Array.from({ length: 16 }, (_, name) => [name, 50])),
    )
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  }, 120_000)

  it('goes on within a second when a process is killed, wherever it was', async () => {
    const path = await configPath({})
    const workers = await startCounters(path, { processes: 6, times: 1_000_000 })
    const counted = () => workers.reduce((sum, { messages }) => sum + messages.length, 0)
    while (workers.some(({ messages }) => messages.length === 0)) await pause(5)
    const delays: number[] = []
    for (const worker of workers.slice(1)) {
      // Some moment of its next turn or wait: over the runs it is each of them.
      await pause(Math.random() * 200)
      worker.signal('SIGKILL')
      await worker.ended
      const before = counted()
      const since = performance.now()
      while (counted() === before) await pause(5)
      delays.push(performance.now() - since)
    }
    // On a machine that is busy with other tests, one of them may take longer.
    expect(delays.toSorted((one, other) => one - other)[2]).toBeLessThan(1_000)
    expect(Math.max(...delays)).toBeLessThan(5_000)
    const [survivor] = workers
    survivor?.signal('SIGKILL')
    await survivor?.ended

    const counts: Record<string, number> = await readJson(path)
    for (const [name, { messages }] of workers.entries()) {
      // The last may have been killed before it could say so.
      expect([messages.length, messages.length + 1]).toContain(counts[name] ?? 0)
    }
    // It is free for the next at once, who tidies up: only a lease that was just being written may stay.
    await leaseLock({ path }).withLock('counter', { timeoutMs: 5_000 }, async () => {})
    const left = await readdir(`${path}.locks`).catch(() => [])
    expect(left.filter((name) => !name.endsWith('.tmp'))).toEqual([])
  }, 60_000)

  it('is lost by a process that stood still for longer than the stale age', async () => {
    const staleMs = 1_000
    const path = await configPath()
    const holder = await startWorker('hold', path, staleMs, 'late')
    expect(await holder.next()).toBe('held')
    holder.signal('SIGSTOP')

    const lock = leaseLock({ path, staleMs })
    const store = fileStore({ path })
    await lock.withLock('session', { timeoutMs: 10_000 }, async (lease) => {
      const account = { session: { status: 'signed-out' }, apiKey: { value: 'ours' } } as const
      expect(await store.commit(production, undefined, account)).toMatchObject({ ok: true })

      const answer = holder.next()
      holder.signal('SIGCONT')
      holder.goOn()
      expect(await answer).toEqual({ held: false, committed: false })
      expect(await lease.isHeld()).toBe(true)
    })
    expect(await holder.ended).toBe(0)
    expect((await accountOf(store, production))?.apiKey?.value).toBe('ours')
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  })

  it('is kept by a process that stood still for a moment only', async () => {
    const path = await configPath()
    const holder = await startWorker('hold', path, 30_000, 'in time')
    expect(await holder.next()).toBe('held')
    holder.signal('SIGSTOP')
    const waiting = leaseLock({ path }).withLock('session', { timeoutMs: 500 }, async () => {})
    await expect(waiting).rejects.toMatchObject({ code: 'lock_timeout' })
    const answer = holder.next()
    holder.signal('SIGCONT')
    holder.goOn()
    expect(await answer).toEqual({ held: true, committed: true })
    expect(await holder.ended).toBe(0)
  })
})

describe('the compare-and-swap of the file store between processes', () => {
  it('loses no update of 8 processes that commit 25 times each', async () => {
    const path = await configPath()
    const workers = await Promise.all(
      Array.from({ length: 8 }, () => startWorker('commit', path, 25)),
    )
    expect(await ends(workers)).toEqual(Array(8).fill(0))
    expect((await accountOf(fileStore({ path }), production))?.apiKey?.value).toBe('200')
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  }, 120_000)
})

describe('a process that waits for the lock', () => {
  it('is kept alive by that, and not longer', async () => {
    const path = await configPath({})
    const worker = await leaseLock({ path }).withLock('counter', { timeoutMs: 1_000 }, async () => {
      const waiting = await startWorker('count', path, 'patient', 1)
      await Promise.race([waiting.ended, pause(500)])
      return waiting
    })
    expect(await worker.ended).toBe(0)
    expect(await readJson(path)).toEqual({ patient: 1 })
  })
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
