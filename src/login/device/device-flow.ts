import type { LoginFlow } from '../flow.ts'

/** How {@link deviceFlow} signs in. */
export interface DeviceFlowOptions {
  /** Whether the prompt has a QR code as well, for servers that have an https address for it; default `true`. */
  readonly qrCode?: boolean | undefined
  /** How long to wait for the person, in ms; default, and at most: the life of the code. */
  readonly timeoutMs?: number | undefined
}

/**
 * Signs in with a browser on any device: the person opens a page there and enters a code.
 *
 * For SSH, containers and machines without a display. It needs somebody who shows the code:
 * `login({ onPrompt })`. At the Lanonasis gateway it brings tokens of the JWT family (`tokenKind`), and
 * the scope of the session is what was asked for, because the gateway does not say (★18).
 *
 * @see RFC 8628
 * @example
 * ```ts
 * import { createClient, deviceFlow, terminalPrompts } from '@lanonasis/auth-client/node'
 *
 * const client = createClient({ login: deviceFlow() })
 * await client.login({ onPrompt: terminalPrompts() })
 * ```
 */
export function deviceFlow(options: DeviceFlowOptions = {}): LoginFlow {
  return {
    name: 'device',
    async canRun({ canPrompt, device }) {
      if (!canPrompt) {
        return { ok: false, reason: 'nobody shows its code: pass onPrompt to login()' }
      }
      return (await device.isOffered())
        ? { ok: true }
        : { ok: false, reason: 'the server has no device sign-in' }
    },
    async run(context) {
      const { runDevice } = await import('./run-device.ts')
      return runDevice(context, options)
    },
  }
}
