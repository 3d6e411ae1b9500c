import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, utimes } from 'node:fs/promises'
import process from 'node:process'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { leaseLock } from '../../../src/node/lease-lock/lease-lock.ts'
import { leasePlatform } from '../../../src/node/lease-lock/platform.ts'
import { isSameBoot, processTable } from '../../../src/node/lease-lock/process-table.ts'
import { failure } from '../../support/async.ts'
import { configPath } from '../../support/directories.ts'
import { endedPid, type ForeignLease, lockFiles, plantLease, platformWith } from './platforms.ts'

const patient = { timeoutMs: 10_000 }
const isLinux = process.platform === 'linux'

/** Somebody who comes now gets past the lease of another process. */
async function expectTakenOver(lease: ForeignLease, { staleMs = 30_000 } = {}): Promise<void> {
  const path = await configPath()
  await plantLease(path, lease)
  await leaseLock({ path, staleMs }).withLock('a', { timeoutMs: 10_000 }, async () => {})
  expect(await lockFiles(path)).toEqual([])
}

/** Somebody who comes now has to wait. */
async function expectRespected(lease: ForeignLease, { staleMs = 30_000 } = {}): Promise<void> {
  const path = await configPath()
  await plantLease(path, lease)
  const before = await lockFiles(path)
  const waiting = leaseLock({ path, staleMs }).withLock('a', { timeoutMs: 100 }, async () => {})
  expect(await failure(waiting)).toMatchObject({ code: 'lock_timeout' })
  expect(await lockFiles(path)).toEqual(before)
}

describe('a lease of a process of this machine', () => {
  it('is taken over at once when the process has ended', async () => {
    await expectTakenOver({ fields: { pid: await endedPid() } })
  })

  it.runIf(isLinux)(
    'is taken over at once when its process id belongs to a later one',
    async () => {
      await expectTakenOver({ fields: { start_time: '1' } })
    },
  )

  it('is respected while the process runs', async () => {
    await expectRespected({ fields: { pid: process.ppid, start_time: undefined } })
  })

  it('is respected while the process runs although its heartbeat is old, for a while', async () => {
    await expectRespected({ ageMs: 3_600_000 })
  })

  it.runIf(isLinux)('is taken over at once when the process is dead and not buried', async () => {
    // The shell becomes a program that never asks for its child, which lives until it is told.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 60 3<&-'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    })
    try {
      const [output] = await once(parent.stdout as Readable, 'data')
      const pid = Number(String(output))
      const programOf = () => readFile(`/proc/${parent.pid}/comm`, 'utf8')
      while ((await programOf()).trim() !== 'sleep') await new Promise(setImmediate)
      ;(parent.stdio[3] as Writable).end()
      while (processTable.isRunning(pid, undefined)) await new Promise(setImmediate)
      expect(() => process.kill(pid, 0)).not.toThrow()
      await expectTakenOver({ fields: { pid, start_time: undefined } })
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

/** Leases whose process id says nothing here: all have that of a process that has ended. */
const strangers: readonly (readonly [string, ForeignLease])[] = [
  ['of another machine', { fields: { host: 'elsewhere' } }],
  ['of another boot', { fields: { boot_id: 'the one before' } }],
  ['of another container', { fields: { pid_namespace: 'another' } }],
  ['of a process that could not tell its container', { fields: { pid_namespace: undefined } }],
  ['of a newer version', { fields: { version: 2, holders: ['several'] } }],
  ['without a version', { fields: { version: undefined } }],
  ['with a process id that is none', { fields: { pid: 'x' } }],
  ['with nothing in it', { text: '' }],
  ['with half a text in it', { text: '{"version":1,"pid":' }],
]

async function ofEnded({ fields, ...lease }: ForeignLease): Promise<ForeignLease> {
  return { ...lease, fields: { pid: await endedPid(), ...fields } }
}

describe('a lease of which nothing but its heartbeat tells', () => {
  it.each(strangers)('is respected while that is young (%s)', async (_name, lease) => {
    await expectRespected(await ofEnded(lease))
  })

  it.each(strangers)('is taken over when that is old (%s)', async (_name, lease) => {
    await expectTakenOver({ ...(await ofEnded(lease)), ageMs: 1_000 }, { staleMs: 200 })
  })

  it('is not taken over at first sight: after a sleep of the machine all are old', async () => {
    await expectRespected({ fields: { host: 'elsewhere' }, ageMs: 3_600_000 }, { staleMs: 2_000 })
  })

  it('is respected for as long as heartbeats come, whatever time they say', async () => {
    const path = await configPath()
    const lease = await plantLease(path, { fields: { host: 'elsewhere' } })
    let looks = 0
    const list = async (directory: string) => {
      looks += 1
      // By a clock that is an hour behind ours; between two looks is always an hour, too.
      const time = new Date(Date.now() - 3_600_000 + looks)
      await utimes(lease, time, time)
      return leasePlatform.files.list(directory)
    }
    const platform = platformWith({ elapsed: () => looks * 3_600_000, files: { list } })
    const lock = leaseLock({ path, platform })
    const error = await failure(lock.withLock('a', { timeoutMs: 300 }, async () => {}))
    expect(error).toMatchObject({ code: 'lock_timeout' })
    expect(looks).toBeGreaterThan(3)
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
