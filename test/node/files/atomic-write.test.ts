import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeFileAtomic } from '../../../src/node/files/atomic-write.ts'
import { fileStore } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { configPath, modeOf, temporaryDirectory } from '../../support/directories.ts'
import { accessTokenOf, production, put, signedIn } from '../file-store/accounts.ts'

const systemError = (code: string) => Object.assign(new Error(code), { code })

/** A system whose rename fails with each of these codes in turn, then works. */
function reluctant(...codes: string[]) {
  const waits: number[] = []
  const renames: string[] = []
  return {
    waits,
    renames,
    rename: async (from: string, to: string) => {
      renames.push(to)
      const code = codes.shift()
      if (code !== undefined) throw systemError(code)
      await rename(from, to)
    },
    wait: async (ms: number) => {
      waits.push(ms)
    },
  }
}

describe('replacing a file', () => {
  it('writes beside it and renames, so that it is never half written', async () => {
    const path = await configPath('old')
    const system = reluctant()
    const seen: string[] = []
    await writeFileAtomic(path, 'new', {
      ...system,
      rename: async (from, to) => {
        seen.push(dirname(from), await readFile(from, 'utf8'), await readFile(to, 'utf8'))
        await rename(from, to)
      },
    })
    // The same directory, for a rename does not cross file systems.
    expect(seen).toEqual([dirname(path), 'new', 'old'])
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  it('leaves nothing else behind', async () => {
    const path = await configPath('old')
    await writeFileAtomic(path, 'new')
    expect(await readdir(dirname(path))).toEqual(['.maas.config'])
  })

  it.each(['EIO', 'ENOSPC', 'EXDEV'])(
    'leaves the old file whole, and no temporary one, when the rename fails (%s)',
    async (code) => {
      const path = await configPath('old')
      const system = reluctant(code)
      expect(await failure(writeFileAtomic(path, 'new', system))).toMatchObject({ code })
      expect(await readFile(path, 'utf8')).toBe('old')
      expect(await readdir(dirname(path))).toEqual(['.maas.config'])
      expect(system.renames).toHaveLength(1)
    },
  )

  it('replaces nothing when it is told at the last moment not to', async () => {
    const path = await configPath('old')
    const system = reluctant()
    const beforeReplace = () => Promise.reject(new Error('The lock was lost.'))
    const error = await failure(writeFileAtomic(path, 'new', { ...system, beforeReplace }))
    expect(String(error)).toContain('The lock was lost.')
    expect(system.renames).toEqual([])
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(dirname(path))).toEqual(['.maas.config'])
  })

  it('★30 makes the directories it needs, for their owner only, and the file too', async () => {
    const path = join(await temporaryDirectory(), 'one', 'two', 'config')
    await writeFileAtomic(path, 'new')
    expect(await modeOf(dirname(path))).toBe('0700')
    expect(await modeOf(dirname(dirname(path)))).toBe('0700')
    expect(await modeOf(path)).toBe('0600')
  })

  it.each(['EPERM', 'EBUSY', 'EACCES'])(
    'tries again while Windows has the file open for somebody else (%s)',
    async (code) => {
      const path = await configPath('old')
      const system = reluctant(code, code, code)
      await writeFileAtomic(path, 'new', system)
      expect(await readFile(path, 'utf8')).toBe('new')
      expect(system.waits).toHaveLength(3)
      expect(system.waits.every((ms) => ms > 0)).toBe(true)
    },
  )

  it('gives up when that does not pass, within a few seconds', async () => {
    const path = await configPath('old')
    const system = reluctant(...Array<string>(100).fill('EPERM'))
    expect(await failure(writeFileAtomic(path, 'new', system))).toMatchObject({ code: 'EPERM' })
    expect(system.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(5_000)
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(dirname(path))).toEqual(['.maas.config'])
  })

  it('lets several writers replace it at once: one of them wins, whole', async () => {
    const path = await configPath('old')
    const texts = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(10_000))
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)))
    expect(texts).toContain(await readFile(path, 'utf8'))
    expect(await readdir(dirname(path))).toEqual(['.maas.config'])
  })
})

describe('a commit that cannot be written', () => {
  /** A name that leaves no room for the temporary file's: readable, and not writable even for root. */
  async function unwritable(content: string) {
    const path = join(await temporaryDirectory(), 'c'.repeat(250))
    await writeFile(path, content)
    return path
  }

  it('is store_unavailable, and the file is as it was', async () => {
    const content = JSON.stringify({ auth: { tokens: { access_token: 'kept' } } })
    const path = await unwritable(content)
    const store = fileStore({ path })
    const error = await failure(put(store, production, signedIn('ada')))
    expect(error).toMatchObject({ name: 'AuthError', code: 'store_unavailable', retryable: true })
    expect(String(error)).toContain(path)
    expect(await readFile(path, 'utf8')).toBe(content)
    expect(await accessTokenOf(store, production)).toBe('kept')
  })

  it('does not stop an old token from being read', async () => {
    const path = await unwritable('{"token":"an-old-token"}')
    const entry = await fileStore({ path }).read(production)
    expect(entry?.value.legacyToken).toBe('an-old-token')
    expect(await readFile(path, 'utf8')).toBe('{"token":"an-old-token"}')
  })
})
