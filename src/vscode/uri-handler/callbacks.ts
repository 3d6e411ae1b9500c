import type { EditorUri } from '../host.ts'
import { type Callback, callbackUrl, isAt, stateOf } from './callback.ts'
import { OtherWindows, type SharedMemory } from './other-windows.ts'

/** A sign-in that waits for its callback. */
export interface Expected {
  readonly answer: Promise<URL>
  /** No longer waits. */
  readonly stop: () => void
}

/** What came of a URI: it belonged to a sign-in of this window, of another one, or to none. */
export type Outcome = 'taken' | 'passed-on' | 'ignored'

interface Waiting {
  readonly redirectUri: string
  readonly settle: (callback: URL) => void
}

/**
 * The URIs that the system hands to this extension in this window, by the state of the sign-in they
 * answer. What answers none is dropped: any page of the web can open such a URI.
 */
export class Callbacks {
  readonly #others: OtherWindows
  readonly #waiting = new Map<string, Waiting>()

  constructor(memory: SharedMemory) {
    this.#others = new OtherWindows(memory)
  }

  expect(state: string, redirectUri: string): Expected {
    const answer = new Promise<URL>((settle) => {
      this.#waiting.set(state, { redirectUri, settle })
    })
    const stopListening = this.#others.listen(state, (callback) => this.#take(callback))
    return {
      answer,
      stop: () => {
        this.#waiting.delete(state)
        stopListening()
      },
    }
  }

  /** @throws AuthError `store_unavailable`: other windows cannot be reached */
  async handle({ scheme, authority, path, query }: EditorUri): Promise<Outcome> {
    const callback = { scheme, authority, path, query }
    if (this.#take(callback)) return 'taken'
    const url = callbackUrl(callback)
    const state = url && stateOf(url)
    // The system gives it to the window that was used last, which need not be the one that waits for it.
    const isPassedOn = state !== undefined && (await this.#others.passOn(state, callback))
    return isPassedOn ? 'passed-on' : 'ignored'
  }

  #take(callback: Callback): boolean {
    const url = callbackUrl(callback)
    const state = url && stateOf(url)
    const waiting = state === undefined ? undefined : this.#waiting.get(state)
    if (url === undefined || waiting === undefined) return false
    if (!isAt(url, waiting.redirectUri)) return false
    // The first one counts; the same URI may be opened again, from the history of the browser.
    waiting.settle(url)
    return true
  }
}
