/** The keychain of the system, as far as we need it: texts under names. What it throws is its own. */
export interface KeychainBackend {
  /** Resolves when it takes calls: getting ready is our own affair, and not the keychain being silent. */
  ready(): Promise<void>
  /** @returns `undefined` when there is nothing under this name */
  get(account: string): Promise<string | undefined>
  set(account: string, text: string): Promise<void>
  /** It may be gone already. */
  delete(account: string): Promise<void>
  /** The names of all that is there of this service. */
  list(): Promise<readonly string[]>
  /** Gives up what hangs, as far as that is possible; the next call starts anew. */
  abandon(): void
}

/** What one call asks for. */
export type KeychainCall =
  | { readonly method: 'get' | 'delete'; readonly account: string }
  | { readonly method: 'set'; readonly account: string; readonly text: string }
  | { readonly method: 'list' }
