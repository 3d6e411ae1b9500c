/** One request as it went out, for `on('request')`. Holds no secret, and no query. */
export interface RequestEvent {
  /** The service that the address belongs to, for example `mcpHttp`; else its host. */
  readonly service: string
  /** In capitals: `GET`, `POST`, … */
  readonly method: string
  /** The path of the URL. */
  readonly route: string
  /** `undefined`: no answer came. */
  readonly status?: number | undefined
  /** The id under which the service knows this request: its own, or the one that was sent. */
  readonly requestId?: string | undefined
  /** 1 for the first request of a call, more for redirects and repetitions. */
  readonly attempt: number
  /** From sending it until the answer began, or the failure, ms. */
  readonly durationMs: number
}
