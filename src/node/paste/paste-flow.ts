import type { LoginFlow } from '../../login/flow.ts'
import { isTerminalFree, type ReadLine } from '../answer/terminal.ts'

/** How {@link pasteFlow} signs in. */
export interface PasteFlowOptions {
  /**
   * Reads what the person pastes. Default: the terminal, where there is one that nobody else reads;
   * `false`: it comes only by `submit` of the prompt, as in a program with a user interface of its own.
   */
  readonly readLine?: ReadLine | false | undefined
  /**
   * Whether to listen on this machine as well, where a port is free: over a forwarded port the browser
   * then comes back by itself, and nothing has to be pasted. Default `true`.
   */
  readonly listen?: boolean | undefined
  /** Ports of the redirect; default: those that are registered for Lanonasis clients. */
  readonly ports?: readonly number[] | undefined
  /** Another redirect, as it is registered: a page that shows the code, say. Nothing listens then. */
  readonly redirectUri?: string | undefined
  /** How long to wait for the person, in ms; default 5 minutes. */
  readonly timeoutMs?: number | undefined
}

/**
 * Signs in with a browser on any machine; the person pastes the address that it ends on, or the code
 * that is in it. The page there cannot be loaded, and need not be: all that counts is its address.
 *
 * For servers without a device sign-in. The state in the address is checked; a code alone is bound to
 * this sign-in by PKCE. What does not fit is asked for again, with a `problem` in the prompt.
 *
 * @see RFC 8252 §8.1, RFC 9700 §2.1.1
 * @example
 * ```ts
 * import { createClient, pasteFlow, terminalPrompts } from '@lanonasis/auth-client/node'
 *
 * const client = createClient({ login: pasteFlow() })
 * await client.login({ onPrompt: terminalPrompts() })
 * ```
 */
export function pasteFlow(options: PasteFlowOptions = {}): LoginFlow {
  return {
    name: 'paste',
    canRun({ canPrompt }) {
      if (!canPrompt) return no('nobody shows its address: pass onPrompt to login()')
      const canRead = options.readLine !== undefined || isTerminalFree()
      return canRead ? { ok: true } : no('there is no terminal to paste into')
    },
    async run(context) {
      const { runPaste } = await import('./run-paste.ts')
      return runPaste(context, options)
    },
  }
}

function no(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}
