/** How long to wait for a lock, and when to give up. */
export interface LockOptions {
  /** The longest wait, in milliseconds; after it the call fails with `lock_timeout`. */
  readonly timeoutMs: number
  /** Gives up waiting; fails with `aborted`. */
  readonly signal?: AbortSignal | undefined
}

/** A lock that is held. */
export interface Lease {
  /**
   * Whether it is still ours: one that stalled for too long may have been taken over. Asked right
   * before something is written that only the holder may write.
   */
  isHeld(): Promise<boolean>
}

/**
 * Mutual exclusion by name, as wide as the store it belongs to is shared.
 *
 * The callback form cannot forget to release. Inside it this library runs its own code only
 * (requests, the store, the clock), never a listener, a prompt or a login flow.
 */
export interface Lock {
  /**
   * Runs `work` while nobody else holds `name`.
   * @throws AuthError `lock_timeout`, `aborted`
   */
  withLock<T>(name: string, options: LockOptions, work: (lease: Lease) => Promise<T>): Promise<T>
}
