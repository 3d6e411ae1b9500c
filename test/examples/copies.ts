import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { leaseLock } from '../../src/node/lease-lock/lease-lock.ts'
import { prepareExample } from '../tools/example.mjs'

const examples = inject('examples')
const lock = leaseLock({ path: join(examples, 'copies') })

/**
 * The folder of an example as a team has it: installed from the packed library, type-checked and built.
 * It is made once for all files of tests, and not to be changed by any.
 */
export async function copyOf(name: string): Promise<string> {
  const copy = join(examples, name)
  await lock.withLock(name, { timeoutMs: 280_000 }, async () => {
    if (existsSync(copy)) return
    const unfinished = `${copy}.unfinished`
    await prepareExample(name, unfinished)
    await rename(unfinished, copy)
  })
  return copy
}
