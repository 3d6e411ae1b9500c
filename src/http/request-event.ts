/** One request as it went out, for `on('request')`. Holds no secret, and no query. */
export interface RequestEvent {
  readonly service: string
  readonly method: string
  /** The path of the URL. */
  readonly route: string
  /** `undefined`: no answer came. */
  readonly status?: number | undefined
  /** The id under which the service knows this request: its own, or the one that was sent. */
  readonly requestId?: string | undefined
  /** 1 for the first request of a call, more for redirects and repetitions. */
  readonly attempt: number
  readonly durationMs: number
}
