import { type Endpoints, presets } from '../../endpoints/presets.ts'
import type { Limit } from '../http/rate-limit.ts'
import {
  type RealtimeOptions,
  type RealtimeSettings,
  resolveRealtime,
} from '../realtime/options.ts'
import type { Fault } from './faults.ts'

/** The age of a deployment, which decides its routes and the shapes of its answers. */
export type Generation = 'roadmap' | '2026'

/** The gateway's limits (★15); `false` switches one off. */
export interface Limits {
  /** Token requests per network address: 5 in 15 minutes. */
  readonly tokenPerAddress: Limit | false
  /** Token requests per `client_id`, over all users: 5 a minute. */
  readonly tokenPerClient: Limit | false
  /** Polls of waiting devices per `client_id`: 60 a minute, then `slow_down`. */
  readonly devicePolls: Limit | false
  /** Introspections per network address: 20 a minute. */
  readonly introspection: Limit | false
}

/** How the platform is to behave; without options it is the newest deployment, with all its limits. */
export interface PlatformOptions {
  /** The base clock, epoch milliseconds; the platform's own is this plus what was advanced. */
  readonly now?: () => number
  /** How an ordered delay passes; timers by default. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  /** Older or newer shapes; default `'2026'`. */
  readonly generation?: Generation
  /** Rate limits; default `true`, which is faithful: 5 token requests in 15 minutes. */
  readonly limits?: boolean | Partial<Limits>
  /** Faults from the start. */
  readonly faults?: readonly Fault[]
  /** Where the services are; default: the production addresses. */
  readonly endpoints?: Partial<Endpoints>
  /** Origins a browser may call the gateway from; default: the dashboard's. */
  readonly corsOrigins?: readonly string[]
  /** What `/oauth/authorize` does when the browser has no session; three generations are in use. */
  readonly authorize?: 'redirect' | 'login_required' | 'AUTH_REQUIRED'
  /** What the replay of a rotated refresh token does to its successors; default `'keep-family'` (★13). */
  readonly rotation?: 'keep-family' | 'kill-family'
  /** Life of an access token; default 900 seconds. */
  readonly accessTokenTtlMs?: number
  /** Life of a refresh token; default 30 days. */
  readonly refreshTokenTtlMs?: number
  /** Whether `/legacy/introspect` and `/legacy/exchange` are deployed; default `false`: 404. */
  readonly legacyBridge?: boolean
  /** Whether a cache hides a client's new redirects for up to an hour; default `false`. */
  readonly clientCache?: boolean
  /** How sockets and event streams behave. */
  readonly realtime?: RealtimeOptions
}

/** The options with every default filled in. */
export interface PlatformSettings {
  readonly now: () => number
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly generation: Generation
  readonly limits: Limits
  readonly faults: readonly Fault[]
  readonly endpoints: Endpoints
  readonly corsOrigins: readonly string[]
  readonly authorize: 'redirect' | 'login_required' | 'AUTH_REQUIRED'
  readonly rotation: 'keep-family' | 'kill-family'
  readonly accessTokenTtlMs: number
  readonly refreshTokenTtlMs: number
  readonly legacyBridge: boolean
  readonly clientCache: boolean
  readonly realtime: RealtimeSettings
}

const minute = 60_000

const faithful: Limits = {
  tokenPerAddress: { max: 5, windowMs: 15 * minute },
  tokenPerClient: { max: 5, windowMs: minute },
  devicePolls: { max: 60, windowMs: minute },
  introspection: { max: 20, windowMs: minute },
}

const none: Limits = {
  tokenPerAddress: false,
  tokenPerClient: false,
  devicePolls: false,
  introspection: false,
}

/** Fills in the defaults. */
export function resolveOptions(options: PlatformOptions): PlatformSettings {
  const { limits = true } = options
  return {
    // Looked up at each call: fake timers may be installed later.
    now: options.now ?? (() => Date.now()),
    wait: options.wait ?? waitByTimer,
    generation: options.generation ?? '2026',
    limits: typeof limits === 'object' ? { ...faithful, ...limits } : limits ? faithful : none,
    faults: options.faults ?? [],
    endpoints: { ...presets.production, ...options.endpoints },
    corsOrigins: options.corsOrigins ?? ['https://dashboard.lanonasis.com'],
    authorize: options.authorize ?? 'redirect',
    rotation: options.rotation ?? 'keep-family',
    accessTokenTtlMs: options.accessTokenTtlMs ?? 900_000,
    refreshTokenTtlMs: options.refreshTokenTtlMs ?? 30 * 24 * 60 * minute,
    legacyBridge: options.legacyBridge ?? false,
    clientCache: options.clientCache ?? false,
    realtime: resolveRealtime(options.realtime),
  }
}

function waitByTimer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
    if (signal?.aborted) done()
  })
}
