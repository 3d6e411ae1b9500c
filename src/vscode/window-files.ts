import { createHash } from 'node:crypto'
import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthError } from '../errors/auth-error.ts'
import { removeUnfinished, writeFileAtomic } from '../node/files/atomic-write.ts'
import { unlessMissing } from '../node/files/system-error.ts'
import { leaseLock } from '../node/lease-lock/lease-lock.ts'
import type { Windows } from './windows.ts'

/** What windows share in the folder that the editor gives to the extension. Nothing in it is secret. */
export function windowFiles(folder: string): Windows {
  const common = join(folder, 'lanonasis-credentials')
  const pathOf = (name: string) => {
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
    return `${common}.${hash}.revision`
  }

  async function change(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw new AuthError('store_unavailable', `${folder} cannot be written.`, { cause: error })
    }
  }

  return {
    lock: leaseLock({ path: common }),
    latest: (name) => unlessMissing(readFile(pathOf(name), 'utf8')),
    announce: (name, revision) => change(() => writeFileAtomic(pathOf(name), revision)),
    forget: (name) =>
      change(async () => {
        await removeUnfinished(pathOf(name))
        await unlessMissing(unlink(pathOf(name)))
      }),
  }
}
