import { mkdir, readdir, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startDeadline } from '../../../src/async/abort.ts'
import { enter } from '../../../src/node/lease-lock/enter.ts'
import { leaseLock } from '../../../src/node/lease-lock/lease-lock.ts'
import { placeOf } from '../../../src/node/lease-lock/place.ts'
import { leasePlatform } from '../../../src/node/lease-lock/platform.ts'
import { deferred, failure, settle } from '../../support/async.ts'
import { configPath, modeOf, temporaryDirectory } from '../../support/directories.ts'
import { leaseOf, lockFiles, plantLease, platformWith, systemError } from './platforms.ts'

const patient = { timeoutMs: 10_000 }

/** A holder as in another process: it does not wait its turn within this one. */
async function otherHolder(path: string, { staleMs = 30_000, platform = leasePlatform } = {}) {
  const place = await placeOf(path, 'a')
  return enter({ place, staleMs, platform }, startDeadline(10_000))
}

describe('the lease lock', () => {
  it('gives back what its work gives', async () => {
    const path = await configPath()
    expect(await leaseLock({ path }).withLock('a', patient, async () => 42)).toBe(42)
  })

  it('leaves nothing behind, not even a directory', async () => {
    const path = await configPath({})
    const lock = leaseLock({ path })
    await Promise.all(['a', 'a', 'b'].map((name) => lock.withLock(name, patient, () => settle())))
    await failure(lock.withLock('a', patient, () => Promise.reject(new Error('mine'))))
    expect(await readdir(dirname(path))).toEqual(['.maas.config'])
  })

  it('makes directories that are missing', async () => {
    const path = join(await temporaryDirectory(), 'one', 'two', 'config')
    expect(await leaseLock({ path }).withLock('a', patient, async () => 'in')).toBe('in')
  })

  it.skipIf(process.platform === 'win32')(
    'is readable by its owner only while somebody holds it',
    async () => {
      const path = await configPath()
      await leaseLock({ path }).withLock('a', patient, async () => {
        expect(await modeOf(`${path}.locks`)).toBe('0700')
        for (const name of await lockFiles(path)) {
          expect(await modeOf(join(`${path}.locks`, name))).toBe('0600')
        }
      })
    },
  )

  it('says in its lease who holds it, and nothing of what the lock is for', async () => {
    const path = await configPath()
    await leaseLock({ path }).withLock('a secret name', patient, async () => {
      expect(await leaseOf(path)).toMatchObject({
        version: 1,
        nonce: expect.stringMatching(/^[0-9a-f]{24}$/),
        host: expect.any(String),
        boot_id: expect.any(String),
        pid: process.pid,
      })
      expect(JSON.stringify([await leaseOf(path), await lockFiles(path)])).not.toContain('secret')
    })
  })

  it('is the same for all paths that lead to the file', async () => {
    const path = await configPath({})
    const link = join(dirname(path), 'link')
    await symlink(path, link)
    await leaseLock({ path }).withLock('a', patient, async () => {
      const waiting = leaseLock({ path: link }).withLock('a', { timeoutMs: 50 }, async () => {})
      expect(await failure(waiting)).toMatchObject({ code: 'lock_timeout' })
    })
  })

  it('is another one for every name and every file', async () => {
    const [path, other] = [await configPath(), await configPath()]
    const inner = await leaseLock({ path }).withLock('a', patient, () =>
      leaseLock({ path }).withLock('b', patient, () =>
        leaseLock({ path: other }).withLock('a', patient, async () => 'in'),
      ),
    )
    expect(inner).toBe('in')
  })

  it('lets one at a time in, first come, first served, as between processes', async () => {
    const path = await configPath()
    const order: number[] = []
    const holder = await otherHolder(path)
    const waiting: Promise<void>[] = []
    for (let turn = 0; turn < 4; turn++) {
      const waits = otherHolder(path).then(async (contender) => {
        order.push(turn)
        await contender.leave()
      })
      waiting.push(waits)
      // The next one comes when this one has its ticket.
      while ((await lockFiles(path)).length < 2 * waiting.length + 2) await settle()
    }
    expect(order).toEqual([])
    await holder.leave()
    await Promise.all(waiting)
    expect(order).toEqual([0, 1, 2, 3])
    expect(await lockFiles(path)).toEqual([])
  })
})

describe('who waits for the lease lock', () => {
  it('gives up with lock_timeout, and leaves the place in the queue', async () => {
    const path = await configPath()
    const holder = await otherHolder(path)
    const before = await lockFiles(path)
    let entered = false
    const waiting = leaseLock({ path }).withLock('a', { timeoutMs: 100 }, async () => {
      entered = true
    })
    expect(await failure(waiting)).toMatchObject({ code: 'lock_timeout', retryable: true })
    expect(await lockFiles(path)).toEqual(before)
    expect(entered).toBe(false)
    await holder.leave()
  })

  it('gives up as soon as its caller does, and leaves the place in the queue', async () => {
    const path = await configPath()
    const holder = await otherHolder(path)
    const before = await lockFiles(path)
    const controller = new AbortController()
    const waiting = failure(
      leaseLock({ path }).withLock('a', { ...patient, signal: controller.signal }, async () => {}),
    )
    while ((await lockFiles(path)).length < 4) await settle()
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'aborted' })
    expect(await lockFiles(path)).toEqual(before)
    await holder.leave()
  })

  it('does not even begin when its caller has given up before', async () => {
    const path = await configPath()
    const limits = { ...patient, signal: AbortSignal.abort() }
    expect(await failure(leaseLock({ path }).withLock('a', limits, async () => {}))).toMatchObject({
      code: 'aborted',
    })
    expect(await lockFiles(path)).toEqual([])
  })

  it.each([
    ['told by the system', {}],
    ['finding out by itself', { files: { watch: () => undefined } }],
  ])('gets it soon after the holder has left, %s', async (_name, system) => {
    const path = await configPath()
    const holder = await otherHolder(path)
    const platform = platformWith(system)
    const entered = leaseLock({ path, platform }).withLock('a', patient, async () => Date.now())
    while ((await lockFiles(path)).length < 4) await settle()
    const leftAt = Date.now()
    await holder.leave()
    expect((await entered) - leftAt).toBeLessThan(1_000)
  })

  it('begins anew when it was taken for dead meanwhile', async () => {
    const path = await configPath()
    const holder = await otherHolder(path)
    const waiting = leaseLock({ path }).withLock('a', patient, async () => 'in')
    while ((await lockFiles(path)).length < 4) await settle()
    const ofHolder = await leaseOf(path)
    for (const name of await lockFiles(path)) {
      if (!name.includes(String(ofHolder.nonce))) await unlink(join(`${path}.locks`, name))
    }
    await holder.leave()
    expect(await waiting).toBe('in')
    expect(await lockFiles(path)).toEqual([])
  })
})

describe('the lease of a holder', () => {
  it('is held while nobody has taken it', async () => {
    const path = await configPath()
    const lease = await leaseLock({ path }).withLock('a', patient, async (held) => {
      expect(await held.isHeld()).toBe(true)
      expect(await held.isHeld()).toBe(true)
      return held
    })
    expect(await lease.isHeld()).toBe(false)
  })

  it('is lost when it was removed', async () => {
    const path = await configPath()
    await leaseLock({ path }).withLock('a', patient, async (lease) => {
      for (const name of await lockFiles(path)) await unlink(join(`${path}.locks`, name))
      expect(await lease.isHeld()).toBe(false)
    })
    expect(await lockFiles(path)).toEqual([])
  })

  it('counts as lost while somebody is about to remove it', async () => {
    const path = await configPath()
    await leaseLock({ path }).withLock('a', patient, async (lease) => {
      const [name = ''] = await lockFiles(path)
      const mark = join(`${path}.locks`, `${name.split('.')[0]}.abcdef.evict`)
      await writeFile(mark, '')
      expect(await lease.isHeld()).toBe(false)
      await unlink(mark)
      expect(await lease.isHeld()).toBe(true)
    })
  })

  it('is not known to be lost when nobody can say: the disk has failed', async () => {
    const path = await configPath()
    let fails = false
    const list = async (directory: string) => {
      if (fails) throw systemError('EIO')
      return leasePlatform.files.list(directory)
    }
    const platform = platformWith({ files: { list } })
    await leaseLock({ path, platform }).withLock('a', patient, async (lease) => {
      fails = true
      expect(await failure(lease.isHeld())).toMatchObject({ code: 'store_unavailable' })
      fails = false
      expect(await lease.isHeld()).toBe(true)
    })
  })

  it('is asked for again when the process stood still while it asked', async () => {
    const path = await configPath()
    let elapsed = 0
    let asked = 0
    const list = async (directory: string) => {
      asked += 1
      if (asked === 3) elapsed += 60_000
      return leasePlatform.files.list(directory)
    }
    const platform = platformWith({ elapsed: () => elapsed, files: { list } })
    await leaseLock({ path, platform }).withLock('a', patient, async (lease) => {
      expect(asked).toBe(2)
      expect(await lease.isHeld()).toBe(true)
      expect(asked).toBe(4)
    })
  })

  it('has heartbeats, by which it is kept for longer than the stale age', async () => {
    const path = await configPath()
    const staleMs = 700
    const holder = await otherHolder(path, { staleMs })
    const waiting = leaseLock({ path, staleMs }).withLock('a', { timeoutMs: 1_500 }, async () => {})
    expect(await failure(waiting)).toMatchObject({ code: 'lock_timeout' })
    expect(await holder.isHeld()).toBe(true)
    await holder.leave()
  })

  it('has one heartbeat at a time: a late one must not undo a later one', async () => {
    const path = await configPath()
    let beating = 0
    let most = 0
    const touch = async (file: string, time: Date) => {
      beating += 1
      most = Math.max(most, beating)
      await settle()
      await leasePlatform.files.touch(file, time)
      beating -= 1
    }
    const platform = platformWith({ files: { touch } })
    await leaseLock({ path, staleMs: 20, platform }).withLock('a', patient, async (lease) => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => lease.isHeld()))
      expect(answers).toEqual(Array(5).fill(true))
    })
    expect(most).toBe(1)
  })

  it('has no heartbeat any more when it was given back', async () => {
    const path = await configPath()
    let beats = 0
    const touch = async (file: string, time: Date) => {
      beats += 1
      await leasePlatform.files.touch(file, time)
    }
    const platform = platformWith({ files: { touch } })
    const gate = deferred()
    const held = leaseLock({ path, staleMs: 50, platform }).withLock(
      'a',
      patient,
      () => gate.promise,
    )
    while (beats < 2) await settle()
    gate.resolve()
    await held
    const before = beats
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(beats).toBe(before)
  })
})

describe('what is left of those who died on their way', () => {
  it('is removed by the next holder, whatever it is', async () => {
    const path = await configPath()
    const lease = await plantLease(path, {})
    const prefix = lease.slice(0, lease.indexOf('abcdef'))
    await unlink(lease)
    await writeFile(`${prefix}abcdef.fedcba.evict`, '')
    await leaseLock({ path }).withLock('a', patient, async () => {
      expect((await lockFiles(path)).filter((name) => name.includes('abcdef'))).toEqual([])
    })
    expect(await lockFiles(path)).toEqual([])
  })

  it('is left alone while it may be a lease that is being written', async () => {
    const path = await configPath()
    const prefix = (await plantLease(path, { ageMs: 100_000 })).replace('abcdef.lease', '')
    await unlink(`${prefix}abcdef.lease`)
    const temporary = `${prefix}012345.tmp`
    await writeFile(temporary, '')
    const lock = leaseLock({ path, staleMs: 1_000 })
    await lock.withLock('a', patient, async () => {})
    expect((await stat(temporary)).isFile()).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await lock.withLock('a', patient, async () => {})
    expect(await lockFiles(path)).toEqual([])
  })

  it('includes no file of anybody else', async () => {
    const path = await configPath()
    await mkdir(`${path}.locks`)
    await writeFile(join(`${path}.locks`, 'README.txt'), 'mine')
    await leaseLock({ path }).withLock('a', patient, async () => {})
    expect(await lockFiles(path)).toEqual(['README.txt'])
  })
})
