import type { AuthErrorCode } from '../errors/definitions.ts'
import { tell } from '../errors/tell.ts'
import type { RequestEvent } from '../http/request-event.ts'
import type { Session } from '../session/session.ts'
import type { StoreDescription } from '../store/store.ts'

/** What `client.on` reports. Nothing in it is secret. */
export interface ClientEvents {
  /** The session is another one than before. */
  readonly session: Session
  /** The access token was renewed and persisted. */
  readonly refresh: {
    /** When the new one ends, epoch ms; `undefined`: the server did not say. */
    readonly expiresAt?: number | undefined
  }
  /** A renewal failed; what is still valid goes on being served. */
  readonly degraded: {
    /** Why it failed. */
    readonly code: AuthErrorCode
    /** When the next attempt makes sense, ms from now. */
    readonly retryAfterMs?: number | undefined
  }
  /** The place where credentials are kept could not be read or written, or another one is used instead. */
  readonly store: StoreEvent
  /** A request to a service was answered, or failed. */
  readonly request: RequestEvent
}

/** What `client.on('store', …)` reports. */
export type StoreEvent =
  | { readonly operation: 'read' | 'write'; readonly code: AuthErrorCode }
  | {
      readonly operation: 'open'
      /** Why the place that was asked for cannot be used. */
      readonly code: AuthErrorCode
      /** The place that is used. */
      readonly instead: StoreDescription
    }

/** Called with each event of one kind. */
export type ClientEventListener<Name extends keyof ClientEvents> = (
  event: ClientEvents[Name],
) => void

/** Listeners by name of the event, each called whatever the others do. */
export class Emitter {
  readonly #listeners = new Map<string, Set<(event: never) => void>>()

  on<Name extends keyof ClientEvents>(name: Name, listener: ClientEventListener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => {
      listeners.delete(listener)
    }
  }

  emit<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void {
    const listeners = this.#listeners.get(name) as Set<ClientEventListener<Name>> | undefined
    for (const listener of [...(listeners ?? [])]) tell(listener, event)
  }

  clear(): void {
    this.#listeners.clear()
  }
}
