/** What every call of a service can be told. */
export interface CallOptions {
  /** Gives the call up; it fails with `aborted`. */
  readonly signal?: AbortSignal | undefined
}
