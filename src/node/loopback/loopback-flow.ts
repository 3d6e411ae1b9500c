import type { LoginFlow } from '../../login/flow.ts'
import type { ReadLine } from '../answer/terminal.ts'
import type { OpenUrl } from '../open-url.ts'
import type { LoopbackHost } from './bind.ts'
import type { LoginPage } from './login-page.ts'

/** How {@link loopbackFlow} signs in. */
export interface LoopbackFlowOptions {
  /**
   * Ports to listen on, the first free one is taken. Default: those that are registered for Lanonasis
   * clients, and any free port for other servers (RFC 8252 §7.3).
   */
  readonly ports?: readonly number[] | undefined
  /** Only the first port will do: its redirect URI is the registered one. */
  readonly strict?: boolean | undefined
  /**
   * The addresses to listen on, all with the same port; default `['127.0.0.1']`. The first that this
   * machine has is in the redirect, literally (★11): `['127.0.0.1', '::1']` is for machines that may
   * have only one of them.
   */
  readonly hosts?: readonly LoopbackHost[] | undefined
  /** Opens the page; default: the person's own browser. With it the flow runs wherever it is. */
  readonly openUrl?: OpenUrl | undefined
  /**
   * Runs wherever it is, without looking whether a browser can be opened that comes back to this
   * machine: where a port is forwarded, say. Default `false`.
   */
  readonly assumeBrowser?: boolean | undefined
  /**
   * Reads the address that the sign-in ended on, when no browser could be opened here and the person
   * used another one. Default: the terminal, where there is one that nobody else reads; `false`: never.
   */
  readonly readLine?: ReadLine | false | undefined
  /** What the page in the browser says in the end; default: in English. */
  readonly page?: LoginPage | undefined
  /** How long to wait for the person, in ms; default 5 minutes. */
  readonly timeoutMs?: number | undefined
}

/**
 * Signs in with the browser of this machine, which comes back to a listener on 127.0.0.1.
 *
 * It is passed over where a browser cannot be opened, or would not be where the person is: SSH, cloud
 * workspaces, remote windows of VS Code, build servers, systems without a display.
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
    async canRun() {
      if (options.assumeBrowser || options.openUrl !== undefined) return { ok: true }
      const { browserAtHand } = await import('../surroundings/own.ts')
      return browserAtHand()
    },
    async run(context) {
      // The listener with node:http, and the opener, are for those who sign in.
      const { runLoopback } = await import('./run-loopback.ts')
      return runLoopback(context, options)
    },
  }
}
