import {
  mkdir,
  readdir,
  readFile,
  rename,
  rmdir,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { patiently, waitFor } from '../files/patiently.ts'
import { codeOf, unlessMissing } from '../files/system-error.ts'
import { watchPath } from '../files/watch-path.ts'
import type { LockPlace } from './place.ts'
import { fileNames, type Queue, readQueue } from './queue.ts'

/** Unlike Node's own `recursive`, it says why: there, a read-only disk is an `ENOENT`. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await makeDirectory(path)
  }
}

/** The file system, as far as locks need it; passed in so that each system can be tested on any. */
export const leaseFiles = {
  mkdir: makeDirectory,
  create: (path: string, text: string) => writeFile(path, text, { flag: 'wx', mode: 0o600 }),
  read: (path: string) => readFile(path, 'utf8'),
  list: (path: string) => readdir(path),
  rename: (from: string, to: string) => rename(from, to),
  unlink: (path: string) => unlink(path),
  rmdir: (path: string) => rmdir(path),
  touch: (path: string, time: Date) => utimes(path, time, time),
  modifiedAt: async (path: string) => (await stat(path)).mtimeMs,
  watch: watchPath,
  wait: waitFor,
}

export type LeaseFiles = typeof leaseFiles

/** The files of one lock, and what can be done with them. */
export class LeaseDirectory {
  readonly #path: string
  readonly #prefix: string
  readonly #files: LeaseFiles

  constructor({ directory, prefix }: LockPlace, files: LeaseFiles) {
    this.#path = directory
    this.#prefix = prefix
    this.#files = files
  }

  /** Puts a lease there, complete at once. */
  async enter(nonce: string, text: string): Promise<void> {
    const { mkdir, create, rename } = this.#files
    const temporary = this.#pathOf(fileNames.temporary(nonce))
    await mkdir(this.#path)
    await create(temporary, text)
    await this.#patiently(() => rename(temporary, this.#leaseOf(nonce)))
  }

  takeTurn(nonce: string, ticket: number): Promise<void> {
    return this.#files.create(this.#pathOf(fileNames.turn(nonce, ticket)), '')
  }

  async queue(): Promise<Queue> {
    const names = await this.#files.list(this.#path)
    const own = names.filter((name) => name.startsWith(this.#prefix))
    return readQueue(own.map((name) => name.slice(this.#prefix.length)))
  }

  /** The text of a lease, where it is there and can be read. */
  readLease(nonce: string): Promise<string | undefined> {
    return this.#files.read(this.#leaseOf(nonce)).catch(() => undefined)
  }

  /** @returns whether the lease is still there */
  async beat(nonce: string, now: number): Promise<boolean> {
    const touched = this.#files.touch(this.#leaseOf(nonce), new Date(now)).then(() => true)
    return (await unlessMissing(touched)) ?? false
  }

  /** The last heartbeat, or `undefined` when the lease is gone. */
  beatenAt(nonce: string): Promise<number | undefined> {
    return this.modifiedAt(fileNames.lease(nonce))
  }

  modifiedAt(name: string): Promise<number | undefined> {
    return unlessMissing(this.#patiently(() => this.#files.modifiedAt(this.#pathOf(name))))
  }

  /** Says that `judge` is about to remove the contender. @returns how to take that back */
  async mark(nonce: string, judge: string): Promise<() => Promise<void>> {
    const name = fileNames.mark(nonce, judge)
    await this.#files.create(this.#pathOf(name), '')
    return () => this.remove([name])
  }

  /** Removes files in this order; they may be gone already. */
  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await unlessMissing(this.#patiently(() => this.#files.unlink(this.#pathOf(name))))
    }
  }

  /** Removes the directory, unless somebody is in it. */
  async removeIfEmpty(): Promise<void> {
    await this.#files.rmdir(this.#path).catch(() => {})
  }

  /** Calls `listener` when this lease is removed, or has a heartbeat, where the system tells. */
  watchLease(nonce: string, listener: () => void): (() => void) | undefined {
    return this.#files.watch(this.#leaseOf(nonce), listener)
  }

  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently(work, this.#files.wait)
  }

  #leaseOf(nonce: string): string {
    return this.#pathOf(fileNames.lease(nonce))
  }

  #pathOf(name: string): string {
    return join(this.#path, `${this.#prefix}${name}`)
  }
}
