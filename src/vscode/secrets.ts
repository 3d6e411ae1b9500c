import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { SecretStorage } from './host.ts'

/** A keyring that waits for a person is not waited for. */
const readTimeoutMs = 4_000

/** The secret storage of the host. */
export class Secrets {
  readonly #storage: SecretStorage
  readonly #writing = new Map<string, Promise<void>>()

  constructor(storage: SecretStorage) {
    this.#storage = storage
  }

  /**
   * Finds what was written before in this window, whatever the host does in between.
   * @throws AuthError `store_unavailable`
   */
  async read(name: string): Promise<string | undefined> {
    const deadline = startDeadline(readTimeoutMs)
    try {
      const reading = (this.#writing.get(name) ?? Promise.resolve()).then(() =>
        this.#storage.get(name),
      )
      return await raceSignal(reading, deadline.signal)
    } catch (error) {
      throw unavailable(error, deadline.timedOut() ? 'did not answer' : 'failed')
    } finally {
      deadline.dispose()
    }
  }

  /**
   * Removes the secret where there is no text. It takes as long as the host takes, because what was begun
   * may be done at any time.
   * @throws AuthError `store_unavailable`
   */
  async write(name: string, text: string | undefined): Promise<void> {
    const before = this.#writing.get(name) ?? Promise.resolve()
    const written = before.then(() =>
      text === undefined ? this.#storage.delete(name) : this.#storage.store(name, text),
    )
    const settled = written.catch(() => {})
    this.#writing.set(name, settled)
    try {
      await written
    } catch (error) {
      throw unavailable(error, 'failed')
    } finally {
      if (this.#writing.get(name) === settled) this.#writing.delete(name)
    }
  }

  /** @returns how to stop */
  onChange(name: string, listener: () => void): () => void {
    const subscription = this.#storage.onDidChange(({ key }) => {
      if (key === name) listener()
    })
    return () => void subscription.dispose()
  }
}

function unavailable(error: unknown, said: string): AuthError {
  return new AuthError('store_unavailable', `The secret storage of the editor ${said}.`, {
    cause: error,
    hint: 'Unlock the keyring of the system, or set `password-store` in the editor’s argv.json.',
  })
}
