import type { ServiceName } from '../endpoints/presets.ts'
import type { EndpointSource } from '../endpoints/resolve.ts'

/** One thing that `client.doctor()` looks into. New ones may be added. */
export type CheckId =
  | 'endpoints'
  | 'services'
  | 'socket'
  | 'tls'
  | 'clock'
  | 'cors'
  | 'metadata'
  | 'authorize'
  | 'clients'
  | 'token'
  | 'errors'
  | 'store'
  | 'session'
  | 'key'
  | 'access'

/**
 * How a finding stands.
 *
 * | status | means |
 * |---|---|
 * | `ok` | as it should be |
 * | `warning` | works, and somebody should look at it |
 * | `failure` | does not work, or is not safe: the report is not `ok` |
 * | `skipped` | could not be seen from here, or there was nothing to look at; `what` says why |
 */
export type FindingStatus = 'ok' | 'warning' | 'failure' | 'skipped'

/** What one check found. Holds no secret. */
export interface Finding {
  /** Which check found it. */
  readonly check: CheckId
  /** How it stands. */
  readonly status: FindingStatus
  /** One sentence. */
  readonly what: string
  /** What the contract of the services says, where it was something else. */
  readonly expected?: string
  /** What a person can do about it. */
  readonly hint?: string
  /** How long the service took until its answer was there, connection included, ms. */
  readonly latencyMs?: number
  /** The service that it is about, where it is about one. */
  readonly service?: ServiceName
}

/** Which services were looked at, and for whom. */
export interface Deployment {
  /** `custom` when an address is another one than the preset's. */
  readonly name: 'production' | 'staging' | 'custom'
  /** The OAuth client. */
  readonly clientId: string
  /** The profile of the client that was asked. */
  readonly profile: string
  /** Each address, and where it came from. */
  readonly endpoints: Readonly<
    Record<ServiceName, { readonly url: string; readonly source: EndpointSource }>
  >
}

/** What `client.doctor()` found: plain data, fit for JSON and for a log. */
export interface Report {
  /** Whether there is no failure. Warnings and what was skipped do not count. */
  readonly ok: boolean
  /** In the order of the checks. */
  readonly findings: readonly Finding[]
  /** Epoch ms, by the client's clock. */
  readonly startedAt: number
  /** How long it took, ms. */
  readonly durationMs: number
  /** What was looked at. */
  readonly deployment: Deployment
}

/** What `client.doctor()` can be told. */
export interface DoctorOptions {
  /** Ends it: then, and only then, `doctor` throws. */
  readonly signal?: AbortSignal | undefined
  /** The origin of a page, such as `https://dashboard.lanonasis.com`, to see whether it may call the services. */
  readonly origin?: string | undefined
  /** Only these checks; default: all. */
  readonly only?: readonly CheckId[] | undefined
  /** The OAuth clients to look for; default: the client's own. */
  readonly clientIds?: readonly string[] | undefined
  /** Time limit of each single request, ms; default: the client's own. */
  readonly timeoutMs?: number | undefined
}
