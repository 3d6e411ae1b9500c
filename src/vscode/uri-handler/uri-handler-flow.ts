import { AuthError } from '../../errors/auth-error.ts'
import { loadPart } from '../../errors/load-part.ts'
import type { FlowAvailability, LoginContext, LoginFlow } from '../../login/flow.ts'
import type { ActivationContext, Editor, EditorUri } from '../host.ts'
import { registrationFor } from './registration.ts'

/** How {@link uriHandlerFlow} signs in. */
export interface UriHandlerFlowOptions {
  /** The API of the editor: what `import * as vscode from 'vscode'` gives. */
  readonly vscode: Editor
  /** The one that `activate` was given. */
  readonly context: ActivationContext
  /**
   * Redirect URIs that are registered for this client besides those known for Lanonasis, letter by
   * letter: `vscode://publisher.name/callback`. The one with the scheme of this editor and the id of this
   * extension is used.
   */
  readonly redirectUris?: readonly string[] | undefined
  /**
   * The extension has a URI handler of its own, the only one that the editor allows, and gives what comes
   * to it to {@link UriHandlerFlow.handleUri}. Default `false`: this flow registers one.
   */
  readonly handlesUris?: boolean | undefined
  /** How long to wait for the person, in ms; default 5 minutes. */
  readonly timeoutMs?: number | undefined
}

/** The flow, with the entry for URIs that came to another handler. */
export interface UriHandlerFlow extends LoginFlow {
  /**
   * Takes a URI that the editor gave to the extension, and says whether it was the answer to a sign-in, of
   * this or of another window. Another URI is left alone.
   *
   * @throws AuthError `store_unavailable`: whether another window waits for it cannot be found out
   */
  handleUri(uri: EditorUri): Promise<boolean>
}

/**
 * Signs in with the person's browser, which comes back to the editor by the editor's own scheme.
 *
 * Make it in `activate`, in every window: the system gives the answer to the window that was used last, and
 * that one passes it on to the one that waits for it, through the secret storage. The manifest needs
 * the activation event `onUri`, or one that comes earlier.
 *
 * It runs only where the address that the browser comes back to is a registered one. For Lanonasis
 * that is the extension `lanonasis.mcp-client` in an editor with the scheme `vscode`: not in Cursor, in Windsurf,
 * or in a page. `explainLogin()` says which reason it was.
 *
 * @see RFC 8252 §7.1
 * @example
 * ```ts
 * import { LanonasisClient } from '@lanonasis/auth-client'
 * import { secretStorageStore, uriHandlerFlow } from '@lanonasis/auth-client/vscode'
 * import * as vscode from 'vscode'
 *
 * export function activate(context: vscode.ExtensionContext) {
 *   const lanonasis = new LanonasisClient({
 *     clientId: 'vscode-extension',
 *     store: secretStorageStore(context, { env: vscode.env }),
 *     login: uriHandlerFlow({ vscode, context, timeoutMs: 120_000 }),
 *   })
 *   context.subscriptions.push({ dispose: () => lanonasis.close() })
 * }
 * ```
 */
export function uriHandlerFlow(options: UriHandlerFlowOptions): UriHandlerFlow {
  const { vscode, context, redirectUris = [], handlesUris = false, timeoutMs } = options
  const { callbacks, problem } = registrationFor({ vscode, context }, { handsOver: handlesUris })
  const redirect = async (login: LoginContext) => {
    const reason = problem()
    if (reason !== undefined) return { ok: false, reason } as const
    const { findRedirect } = await loadPart(import('./redirect.ts'))
    return findRedirect({ vscode, context, redirectUris, login })
  }

  return {
    name: 'uri-handler',
    async canRun(login): Promise<FlowAvailability> {
      const found = await redirect(login)
      return found.ok ? { ok: true } : found
    },
    async run(login) {
      const found = await redirect(login)
      if (!found.ok) throw new AuthError('config_invalid', `uri-handler: ${found.reason}.`)
      const { runUriHandler } = await loadPart(import('./run-uri-handler.ts'))
      const { redirectUri } = found
      return runUriHandler(login, { vscode, callbacks: await callbacks(), redirectUri, timeoutMs })
    },
    handleUri: async (uri) => (await (await callbacks()).handle(uri)) !== 'ignored',
  }
}
