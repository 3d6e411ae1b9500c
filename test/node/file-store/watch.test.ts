import { writeFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import type { StoreKey } from '../../../src/store/store.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { production, put, signedIn, staging } from './accounts.ts'

/** Counts what a watcher of one account is told. */
function watch(path: string, key: StoreKey) {
  const told = { count: 0 }
  const stop = fileStore({ path }).watch?.(key, () => {
    told.count += 1
  })
  onTestFinished(() => stop?.())
  return { told, stop }
}

/** A poll that waits as long as a system without watchers needs. */
const soon = { timeout: 8_000 }

describe('watching an account in the config file', () => {
  it('tells of a change by somebody else', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('one'))
    const { told } = watch(path, production)
    await put(fileStore({ path }), production, signedIn('two'))
    await expect.poll(() => told.count, soon).toBe(1)
    await put(fileStore({ path }), production, undefined)
    await expect.poll(() => told.count, soon).toBe(2)
  })

  it('tells of a change by a program that knows no revisions and writes in place', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('one'))
    const { told } = watch(path, production)
    const config = await readJson(path)
    config.auth.tokens.access_token = 'by-another-program'
    await writeFile(path, JSON.stringify(config))
    await expect.poll(() => told.count, soon).toBe(1)
  })

  it('tells of a file that was not there', async () => {
    const path = await configPath()
    const { told } = watch(path, production)
    await put(fileStore({ path }), production, signedIn('one'))
    await expect.poll(() => told.count, soon).toBe(1)
  })

  it('★3 tells nothing of other accounts in the file', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('one'))
    const { told } = watch(path, production)
    const other = watch(path, staging)
    await put(fileStore({ path }), staging, signedIn('staging'))
    await expect.poll(() => other.told.count, soon).toBe(1)
    expect(told.count).toBe(0)
  })

  it('tells nothing any more when it is stopped', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('one'))
    const stopped = watch(path, production)
    const other = watch(path, production)
    stopped.stop?.()
    await put(fileStore({ path }), production, signedIn('two'))
    await expect.poll(() => other.told.count, soon).toBe(1)
    expect(stopped.told.count).toBe(0)
  })
})
