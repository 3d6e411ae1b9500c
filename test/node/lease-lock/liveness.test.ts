import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { utimes } from 'node:fs/promises'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { leaseLock } from '../../../src/node/lease-lock/lease-lock.ts'
import { isSameBoot, processTable } from '../../../src/node/lease-lock/process-table.ts'
import { failure } from '../../support/async.ts'
import { configPath } from '../../support/directories.ts'
import { endedPid, type ForeignLease, lockFiles, plantLease, platformWith } from './platforms.ts'

const patient = { timeoutMs: 10_000 }
const isLinux = process.platform === 'linux'

/** Whether somebody who comes now gets past the lease of another process, without waiting for long. */
async function isTakenOver(lease: ForeignLease, staleMs = 30_000): Promise<boolean> {
  const path = await configPath()
  await plantLease(path, lease)
  const lock = leaseLock({ path, staleMs })
  const error = await lock
    .withLock('a', { timeoutMs: 150 }, async () => {})
    .catch((e: unknown) => e)
  if (error === undefined) expect(await lockFiles(path)).toEqual([])
  else expect(error).toMatchObject({ code: 'lock_timeout' })
  return error === undefined
}

describe('a lease of a process of this machine', () => {
  it('is taken over at once when the process has ended', async () => {
    expect(await isTakenOver({ fields: { pid: await endedPid() } })).toBe(true)
  })

  it.runIf(isLinux)(
    'is taken over at once when its process id belongs to a later one',
    async () => {
      expect(await isTakenOver({ fields: { start_time: '1' } })).toBe(true)
    },
  )

  it('is respected while the process runs', async () => {
    expect(await isTakenOver({ fields: { pid: process.ppid, start_time: undefined } })).toBe(false)
  })

  it('is respected while the process runs although its heartbeat is old, for a while', async () => {
    expect(await isTakenOver({ ageMs: 3_600_000 })).toBe(false)
  })

  it.runIf(isLinux)('is taken over at once when the process is dead and not buried', async () => {
    // The shell becomes a program that never asks for its child.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const [output] = await once(parent.stdout, 'data')
      const pid = Number(String(output))
      const before = processTable.isRunning(pid, undefined)
      while (processTable.isRunning(pid, undefined)) await new Promise(setImmediate)
      expect(() => process.kill(pid, 0)).not.toThrow()
      expect(await isTakenOver({ fields: { pid, start_time: undefined } })).toBe(true)
      expect(typeof before).toBe('boolean')
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

describe('a lease of which nothing but its heartbeat tells', () => {
  /** As many ways to have a process id that says nothing here; each with the id of a process that has ended. */
  const strangers: readonly (readonly [string, () => Promise<ForeignLease>])[] = [
    ['of another machine', async () => ({ fields: { pid: await endedPid(), host: 'elsewhere' } })],
    ['of another boot', async () => ({ fields: { pid: await endedPid(), boot_id: 'before' } })],
    [
      'of another container',
      async () => ({ fields: { pid: await endedPid(), pid_namespace: 'x' } }),
    ],
    [
      'of a process that could not tell its container',
      async () => ({ fields: { pid: await endedPid(), pid_namespace: undefined } }),
    ],
    [
      'of a newer version, with fields that mean something else by now',
      async () => ({ fields: { version: 2, pid: await endedPid(), holders: ['several'] } }),
    ],
    ['without a process id', async () => ({ fields: { pid: undefined } })],
    ['with a process id that is none', async () => ({ fields: { pid: -1 } })],
    ['with nothing in it', async () => ({ text: '' })],
    ['with half a text in it', async () => ({ text: '{"version":1,"pid":' })],
  ]

  it.each(strangers)('is respected while that is young (%s)', async (_name, lease) => {
    expect(await isTakenOver(await lease())).toBe(false)
  })

  it.each(strangers)('is taken over when that is old (%s)', async (_name, lease) => {
    const staleMs = 200
    expect(await isTakenOver({ ...(await lease()), ageMs: 2 * staleMs }, staleMs)).toBe(true)
  })

  it('is not taken over at first sight: a machine that slept has old heartbeats all over', async () => {
    const staleMs = 2_000
    expect(await isTakenOver({ fields: { host: 'elsewhere' }, ageMs: 3_600_000 }, staleMs)).toBe(
      false,
    )
  })

  it('is respected for as long as heartbeats come, whatever time they say', async () => {
    const path = await configPath()
    const lease = await plantLease(path, { fields: { host: 'elsewhere' } })
    let beats = 0
    // A clock that is an hour behind ours.
    const beating = setInterval(() => {
      beats += 1
      const time = new Date(Date.now() - 3_600_000)
      utimes(lease, time, time).catch(() => {})
    }, 5)
    try {
      const lock = leaseLock({ path, staleMs: 100 })
      const error = await failure(lock.withLock('a', { timeoutMs: 500 }, async () => {}))
      expect(error).toMatchObject({ code: 'lock_timeout' })
      expect(beats).toBeGreaterThan(3)
    } finally {
      clearInterval(beating)
    }
  })

  it('is taken over in the end although it says a time to come', async () => {
    const path = await configPath()
    await plantLease(path, { fields: { host: 'elsewhere' }, ageMs: -3_600_000 })
    const lock = leaseLock({ path, staleMs: 150 })
    expect(await lock.withLock('a', patient, async () => 'in')).toBe('in')
  })
})

describe('a system that tells less of its processes', () => {
  it('finds out by the process id alone who has ended', async () => {
    const path = await configPath()
    const self = { ...processTable.self(), startTime: undefined }
    await plantLease(path, { fields: { pid: 4711, start_time: undefined } })
    const platform = platformWith({
      processes: { self: () => self, isRunning: (pid) => pid !== 4711 },
    })
    expect(await leaseLock({ path, platform }).withLock('a', patient, async () => 'in')).toBe('in')
  })

  it('knows the start of the system by its time, to some seconds', () => {
    expect(isSameBoot('at 1000', 'at 1003')).toBe(true)
    expect(isSameBoot('at 1000', 'at 1060')).toBe(false)
    expect(isSameBoot('at 1000', '8f0c2a9e')).toBe(false)
    expect(isSameBoot('8f0c2a9e', '8f0c2a9f')).toBe(false)
    expect(isSameBoot('8f0c2a9e', '8f0c2a9e')).toBe(true)
  })
})

describe('the table of processes', () => {
  it('knows this process', () => {
    const { pid, startTime, host, boot } = processTable.self()
    expect(pid).toBe(process.pid)
    expect(processTable.isRunning(pid, startTime)).toBe(true)
    expect(processTable.self()).toEqual(processTable.self())
    expect([host, boot]).not.toContain('')
  })

  it('knows who has ended', async () => {
    expect(processTable.isRunning(await endedPid(), undefined)).toBe(false)
  })

  it.runIf(isLinux)('tells a process from an earlier one with the same id', () => {
    const { pid, startTime } = processTable.self()
    expect(processTable.isRunning(pid, `${startTime}0`)).toBe(false)
  })

  it('takes a process of somebody else for running', () => {
    expect(processTable.isRunning(1, undefined)).toBe(true)
  })
})
