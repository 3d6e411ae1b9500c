import { tell } from '../../errors/tell.ts'
import type { McpNotification, McpParams } from './types.ts'

type Listener = (notification: McpNotification) => void

/** Who listens to which notifications. */
export class Listeners {
  readonly #byMethod = new Map<string, Set<Listener>>()

  get size(): number {
    return this.#byMethod.size
  }

  /** @param method `*` for all */
  add(method: string, listener: Listener): () => void {
    // One function may listen twice.
    const own: Listener = (notification) => listener(notification)
    const listeners = this.#byMethod.get(method) ?? new Set()
    this.#byMethod.set(method, listeners.add(own))
    return () => {
      listeners.delete(own)
      if (listeners.size === 0 && this.#byMethod.get(method) === listeners) {
        this.#byMethod.delete(method)
      }
    }
  }

  tell(method: string, params: McpParams): void {
    const listeners = [...(this.#byMethod.get(method) ?? []), ...(this.#byMethod.get('*') ?? [])]
    for (const listener of listeners) tell(listener, { method, params })
  }

  clear(): void {
    this.#byMethod.clear()
  }
}
