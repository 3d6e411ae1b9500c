import type { LoginFlow } from '../../login/flow.ts'
import type { OpenUrl } from '../open-url.ts'

/** How {@link loopbackFlow} signs in. */
export interface LoopbackFlowOptions {
  /**
   * Ports to listen on, the first free one is taken. Default: those that are registered for Lanonasis
   * clients, and any free port for other servers (RFC 8252 §7.3).
   */
  readonly ports?: readonly number[] | undefined
  /** Only the first port will do: its redirect URI is the registered one. */
  readonly strict?: boolean | undefined
  /** Opens the page; default: the person's own browser. */
  readonly openUrl?: OpenUrl | undefined
  /** How long to wait for the person, in ms; default 5 minutes. */
  readonly timeoutMs?: number | undefined
}

/**
 * Signs in with the browser of this machine, which comes back to a listener on 127.0.0.1.
 *
 * @see RFC 8252 §7.3
 * @example
 * ```ts
 * import { createClient, loopbackFlow } from '@lanonasis/auth-client/node'
 *
 * const client = createClient({ login: loopbackFlow({ timeoutMs: 120_000 }) })
 * ```
 */
export function loopbackFlow(options: LoopbackFlowOptions = {}): LoginFlow {
  return {
    name: 'loopback',
    canRun: () => ({ ok: true }),
    async run(context) {
      // The listener with node:http, and the opener, are for those who sign in.
      const { runLoopback } = await import('./run-loopback.ts')
      return runLoopback(context, options)
    },
  }
}
