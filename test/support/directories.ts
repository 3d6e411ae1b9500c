import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty directory; whoever asks for it removes it. */
export async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'auth-client-')))
}

/** An empty directory that is gone after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await temporaryFolder()
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A path for a config file in a directory of its own; with `content`, the file is there already. */
export async function configPath(content?: unknown, { mode = 0o600 } = {}): Promise<string> {
  const path = join(await temporaryDirectory(), '.maas.config')
  if (content !== undefined) {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    await writeFile(path, text, { mode })
  }
  return path
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into the file as a reader does, without a schema
export async function readJson(path: string): Promise<any> {
  return JSON.parse(await readFile(path, 'utf8'))
}

/** The permission bits, as `0644`. */
export async function modeOf(path: string): Promise<string> {
  return `0${((await stat(path)).mode & 0o777).toString(8)}`
}
