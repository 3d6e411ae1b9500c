import type { McpNotification, McpParams, McpRequestHandler, McpSocketStatus } from './types.ts'

type Listener = (notification: McpNotification) => void

/** What is there from the start, before the rest is loaded: who listens, and how the socket is. */
export class Board {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #subscribers = new Set<() => void>()
  readonly handlers = new Map<string, McpRequestHandler>()
  #status: McpSocketStatus = Object.freeze({ state: 'idle' })
  /** Called when the first listener comes, or the last one goes. */
  onInterest = () => {}

  get status(): McpSocketStatus {
    return this.#status
  }

  set status(status: McpSocketStatus) {
    this.#status = Object.freeze(status)
    for (const subscriber of [...this.#subscribers]) guarded(subscriber)
  }

  get isListenedTo(): boolean {
    return this.#listeners.size > 0
  }

  subscribe(subscriber: () => void): () => void {
    // One function may subscribe twice.
    const own = () => subscriber()
    this.#subscribers.add(own)
    return () => {
      this.#subscribers.delete(own)
    }
  }

  /** @param method `*` for all */
  listen(method: string, listener: Listener): () => void {
    const own: Listener = (notification) => listener(notification)
    const listeners = this.#listeners.get(method) ?? new Set()
    this.#listeners.set(method, listeners.add(own))
    this.onInterest()
    return () => {
      listeners.delete(own)
      if (listeners.size === 0 && this.#listeners.get(method) === listeners) {
        this.#listeners.delete(method)
      }
      this.onInterest()
    }
  }

  tell(method: string, params: McpParams): void {
    const listeners = [...(this.#listeners.get(method) ?? []), ...(this.#listeners.get('*') ?? [])]
    for (const listener of listeners) guarded(() => listener({ method, params }))
  }

  clear(): void {
    this.#listeners.clear()
    this.#subscribers.clear()
    this.handlers.clear()
  }
}

/** A listener's own mistake is reported as such, without disturbing the socket. */
export function guarded(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
