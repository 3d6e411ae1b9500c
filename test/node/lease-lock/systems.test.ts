import { readdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LeaseFiles } from '../../../src/node/lease-lock/lease-directory.ts'
import { leaseLock } from '../../../src/node/lease-lock/lease-lock.ts'
import { leasePlatform } from '../../../src/node/lease-lock/platform.ts'
import { failure } from '../../support/async.ts'
import { configPath } from '../../support/directories.ts'
import {
  endedPid,
  lockFiles,
  plantLease,
  platformWith,
  reluctant,
  systemError,
} from './platforms.ts'

const patient = { timeoutMs: 10_000 }
const { files } = leasePlatform
const wait = async () => {}

describe('a place where no lease can be written', () => {
  const steps = ['mkdir', 'create', 'rename', 'list'] as const satisfies (keyof LeaseFiles)[]

  it.each(
    steps.flatMap((step) =>
      ['EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE'].map((code) => [step, code] as const),
    ),
  )('is store_unavailable, and nothing is left (%s: %s)', async (step, code) => {
    const path = await configPath({})
    const fails = async () => {
      throw systemError(code)
    }
    const platform = platformWith({ files: { wait, [step]: fails } })
    let entered = false
    const error = await failure(
      leaseLock({ path, platform }).withLock('a', patient, async () => {
        entered = true
      }),
    )
    expect(error).toMatchObject({ code: 'store_unavailable', retryable: true })
    expect(String(error)).toContain(code)
    expect(entered).toBe(false)
    expect(await lockFiles(path)).toEqual([])
  })

  it.each([1, 2, 3])('is store_unavailable when the disk is full at file %i', async (nth) => {
    const path = await configPath({})
    let created = 0
    const create = async (file: string, text: string) => {
      created += 1
      if (created < nth) return files.create(file, text)
      // As the system does it: the name is there, and there is no room for the content.
      await writeFile(file, '')
      throw systemError('ENOSPC')
    }
    const platform = platformWith({ files: { create } })
    const work = leaseLock({ path, platform }).withLock('a', patient, async () => 'in')
    if (nth === 3) expect(await work).toBe('in')
    else expect(await failure(work)).toMatchObject({ code: 'store_unavailable' })
    expect(await readdir(dirname(path))).toEqual(['.maas.config'])
  })

  it('is store_unavailable: a file where the directory should be', async () => {
    const path = await configPath({})
    await writeFile(`${path}.locks`, '')
    expect(await failure(leaseLock({ path }).withLock('a', patient, async () => {}))).toMatchObject(
      {
        code: 'store_unavailable',
      },
    )
  })
})

describe('Windows, where a file that somebody has open cannot be moved or removed for a moment', () => {
  it.each(['EPERM', 'EBUSY', 'EACCES'])('tries again (%s)', async (code) => {
    const path = await configPath({})
    const codes = [code, code, code]
    const platform = platformWith({
      files: {
        wait,
        rename: reluctant(files.rename, codes),
        unlink: reluctant(files.unlink, codes),
        modifiedAt: reluctant(files.modifiedAt, codes),
      },
    })
    await plantLease(path, { fields: { pid: await endedPid() } })
    expect(await leaseLock({ path, platform }).withLock('a', patient, async () => 'in')).toBe('in')
    expect(await lockFiles(path)).toEqual([])
  })

  it('waits for a lease that cannot be read because it is being removed', async () => {
    const path = await configPath({})
    await plantLease(path, { fields: { pid: await endedPid() } })
    const platform = platformWith({
      files: { wait, read: reluctant(files.read, ['EPERM', 'EBUSY']) },
    })
    expect(await leaseLock({ path, platform }).withLock('a', patient, async () => 'in')).toBe('in')
  })

  it('does its work although the directory cannot be removed after it', async () => {
    const path = await configPath({})
    const platform = platformWith({ files: { wait, rmdir: reluctant(files.rmdir, ['EBUSY']) } })
    expect(await leaseLock({ path, platform }).withLock('a', patient, async () => 'in')).toBe('in')
    expect(await lockFiles(path)).toEqual([])
  })
})

describe('a directory that is removed by the one who leaves while another comes', () => {
  it.each([1, 2, 3])('is made again (%i times)', async (times) => {
    const path = await configPath({})
    const platform = platformWith({
      files: { create: reluctant(files.create, Array<string>(times).fill('ENOENT')) },
    })
    expect(await leaseLock({ path, platform }).withLock('a', patient, async () => 'in')).toBe('in')
  })

  it('is given up when that does not end', async () => {
    const path = await configPath({})
    const create = async () => {
      throw systemError('ENOENT')
    }
    const platform = platformWith({ files: { create } })
    const work = leaseLock({ path, platform }).withLock('a', { timeoutMs: 100 }, async () => {})
    expect(await failure(work)).toMatchObject({ code: 'lock_timeout' })
  })
})
