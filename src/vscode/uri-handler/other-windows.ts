import { raceSignal, startDeadline, unref } from '../../async/abort.ts'
import { Secret } from '../../secret/secret.ts'
import { tokenHash } from '../../session/token-hash.ts'
import type { ExtensionContext, Memento } from '../host.ts'
import { Secrets } from '../secrets.ts'
import { type Callback, readCallback, writeCallback } from './callback.ts'

/** What stands for a sign-in under way until its callback is there. No secret. */
const waiting = 'waiting'
const notesKey = 'lanonasis.signIns'
/** Longer than any sign-in takes. */
const longestSignInMs = 3_600_000
/** A window that is there takes its callback at once; what nobody takes is not left lying. */
const takenWithinMs = 30_000
/** The editor tells a window after a tenth of a second what another has stored; the browser may be as quick. */
const markWithinMs = 3_000

export type SharedMemory = Pick<ExtensionContext, 'secrets' | 'globalState'>

/**
 * The way of a callback from the window that the system has given it to, to the one that waits for it.
 *
 * The secret storage is what all windows share, those on other machines included, and it is encrypted. A
 * window that signs in leaves a mark there, named by the hash of its state; another window puts the callback in
 * the place of a mark, and only there: what has none was not sent by a sign-in of ours, and is dropped.
 */
export class OtherWindows {
  readonly #secrets: Secrets
  readonly #notes: Notes

  constructor({ secrets, globalState }: SharedMemory) {
    this.#secrets = new Secrets(secrets)
    this.#notes = new Notes(globalState)
  }

  /**
   * Lets other windows know of a sign-in in this one. It never fails: a keyring that does not answer
   * only makes this window the only one that the browser can come back to.
   * @returns how to stop
   */
  listen(state: string, receive: (callback: Callback) => void): () => void {
    let stopped = false
    const started = this.#nameOf(state).then((name) => {
      if (stopped) return () => {}
      const look = async () => {
        const callback = readCallback(await this.#secrets.read(name))
        if (callback !== undefined && !stopped) receive(callback)
      }
      const unsubscribe = this.#secrets.onChange(name, () => void look().catch(() => {}))
      for (const old of this.#notes.add(name)) this.#remove(old)
      this.#secrets.write(name, waiting).catch(() => {})
      return () => {
        unsubscribe()
        this.#notes.remove(name)
        this.#remove(name)
      }
    })
    return () => {
      stopped = true
      started.then(
        (stop) => stop(),
        () => {},
      )
    }
  }

  /**
   * Gives a callback to the window that waits for it.
   * @returns whether one does
   * @throws AuthError `store_unavailable`
   */
  async passOn(state: string, callback: Callback): Promise<boolean> {
    const name = await this.#nameOf(state)
    if (!(await this.#isWaitedFor(name))) return false
    await this.#secrets.write(name, writeCallback(callback))
    unref(setTimeout(() => this.#remove(name), takenWithinMs))
    return true
  }

  async #isWaitedFor(name: string): Promise<boolean> {
    const deadline = startDeadline(markWithinMs)
    let onChange = () => {}
    const unsubscribe = this.#secrets.onChange(name, () => onChange())
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          onChange = resolve
        })
        if ((await this.#secrets.read(name)) === waiting) return true
        await raceSignal(changed, deadline.signal)
      }
    } catch (error) {
      if (deadline.timedOut()) return false
      throw error
    } finally {
      unsubscribe()
      deadline.dispose()
    }
  }

  #remove(name: string): void {
    this.#secrets.write(name, undefined).catch(() => {})
  }

  async #nameOf(state: string): Promise<string> {
    return `lanonasis.signIn:${(await tokenHash(new Secret(state))).slice(0, 22)}`
  }
}

/** The names of the marks there are, so that those of a window that crashed are found. */
class Notes {
  readonly #memory: Memento

  constructor(memory: Memento) {
    this.#memory = memory
  }

  /** @returns the names of sign-ins that have ended long ago */
  add(name: string): readonly string[] {
    const now = Date.now()
    const before = Object.entries(this.#read())
    const isOver = ([, since]: [string, number]) => Math.abs(now - since) > longestSignInMs
    const kept = before.filter((note) => !isOver(note))
    this.#write({ ...Object.fromEntries(kept), [name]: now })
    return before.filter(isOver).map(([old]) => old)
  }

  remove(name: string): void {
    const { [name]: _, ...others } = this.#read()
    this.#write(others)
  }

  #read(): Readonly<Record<string, number>> {
    const noted = this.#memory.get(notesKey)
    if (typeof noted !== 'object' || noted === null) return {}
    const entries: [string, unknown][] = Object.entries(noted)
    return Object.fromEntries(
      entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    )
  }

  #write(notes: Readonly<Record<string, number>>): void {
    const value = Object.keys(notes).length === 0 ? undefined : notes
    this.#memory.update(notesKey, value).then(
      () => {},
      () => {},
    )
  }
}
