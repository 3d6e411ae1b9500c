import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { temporaryDirectory } from './directories.ts'

/** Stands where programs look for the browser of a machine, until the end of the test. */
export interface DefaultBrowser {
  /** For `PATH`, before the others. */
  readonly folder: string
  /** The address that it was opened with; it is the first one since the last call. */
  opened(): Promise<string>
}

/** A browser that notes where it was sent, and does nothing by itself. */
export async function defaultBrowser(): Promise<DefaultBrowser> {
  const folder = await temporaryDirectory()
  const log = join(folder, 'opened')
  for (const name of ['xdg-open', 'open']) {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\nprintf '%s\\n' "$1" >> "${log}"\n`)
    await chmod(path, 0o755)
  }
  let seen = 0
  const read = async () => (existsSync(log) ? (await readFile(log, 'utf8')).split('\n') : [])
  return {
    folder,
    async opened() {
      const limit = { timeout: 20_000, interval: 20, message: 'No browser was opened.' }
      await expect.poll(async () => (await read()).length, limit).toBeGreaterThan(seen + 1)
      const url = (await read())[seen] ?? ''
      seen += 1
      return url
    },
  }
}
