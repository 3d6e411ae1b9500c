import { once } from '../../async/once.ts'
import { type AuthClient, coreOf } from '../../client/auth-client.ts'
import { loadPart } from '../../errors/load-part.ts'
import type { ActivationContext, HostDisposable } from '../host.ts'
import type {
  AuthenticatingEditor,
  AuthenticationProvider,
  AuthenticationSessionsChange,
} from './host.ts'

/** Options of {@link registerAuthenticationProvider}. */
export interface AuthenticationProviderOptions {
  /** The API of the editor: what `import * as vscode from 'vscode'` gives. */
  readonly vscode: AuthenticatingEditor
  /** The one that `activate` was given. */
  readonly context: ActivationContext
  /** Whose session is offered. */
  readonly client: AuthClient
  /** The name for programs, as in `contributes.authentication` of the manifest; default `lanonasis`. */
  readonly id?: string | undefined
  /** The name for people, as there; default `Lanonasis`. */
  readonly label?: string | undefined
  /**
   * Signs the person in where the editor, or another extension, asks for it: to show progress and prompts in
   * words of your own. Default: `client.login({ scope })`, which shows no code of a device.
   */
  readonly signIn?: ((request: { readonly scope: string }) => Promise<unknown>) | undefined
  /**
   * Signs the person out where they do so in the editor's menu of accounts: to revoke the API key as well, and to
   * say what lives on. Default: `client.logout()`, which revokes the tokens and forgets the key.
   */
  readonly signOut?: (() => Promise<unknown>) | undefined
}

/**
 * Offers the client's session to the editor: in its menu of accounts, and to other extensions by
 * `vscode.authentication.getSession('lanonasis', scopes)`, of whom the editor asks the person first.
 *
 * | the editor | gets |
 * |---|---|
 * | asks for sessions | the one session, with an access token that can be used now, if it has all scopes and is of the account that are asked for; none where nobody is signed in; the error where that cannot be found out |
 * | has the person sign in | a session with the scopes so far and those that are asked for, so that no extension loses what it has |
 * | removes the session | `signOut`, else `client.logout()` |
 * | listens | `added`, `changed` at each renewal, `removed` when the session has ended: also by what other windows did |
 *
 * The account is named as the server names the owner of the token: by e-mail address, else by id. It asks
 * once for each sign-in.
 *
 * The manifest needs `"contributes": { "authentication": [{ "id": "lanonasis", "label": "Lanonasis" }] }`.
 *
 * @returns how to end it; it ends with the extension
 * @throws Error of the editor: the id is taken
 * @example
 * ```ts
 * import { createClient, registerAuthenticationProvider } from '@lanonasis/auth-client/vscode'
 * import * as vscode from 'vscode'
 *
 * export function activate(context: vscode.ExtensionContext) {
 *   const client = createClient({ vscode, context })
 *   registerAuthenticationProvider({ vscode, context, client })
 * }
 * ```
 */
export function registerAuthenticationProvider({
  vscode,
  context,
  client,
  id = 'lanonasis',
  label = 'Lanonasis',
  signIn = (request) => client.login(request),
  signOut = () => client.logout(),
}: AuthenticationProviderOptions): HostDisposable {
  const listeners = new Set<(change: AuthenticationSessionsChange) => unknown>()
  const tell = (change: AuthenticationSessionsChange) => {
    for (const listener of [...listeners]) listener(change)
  }
  const load = once(async () => {
    const { ClientSessions } = await loadPart(import('./client-sessions.ts'))
    return new ClientSessions({ core: coreOf(client), context, label, signIn, tell })
  })
  const provider: AuthenticationProvider = {
    onDidChangeSessions(listener) {
      listeners.add(listener)
      return { dispose: () => listeners.delete(listener) }
    },
    getSessions: async (scopes, options) => (await load()).find(scopes, options),
    createSession: async (scopes) => (await load()).create(scopes),
    removeSession: async (sessionId) => (await load()).remove(sessionId, signOut),
  }
  const registration = vscode.authentication.registerAuthenticationProvider(id, label, provider, {
    supportsMultipleAccounts: false,
  })
  const stop = client.subscribe(() => {
    // Who asks for the session hears of what is wrong.
    load()
      .then((sessions) => sessions.look())
      .catch(() => {})
  })
  const disposable = {
    dispose() {
      stop()
      listeners.clear()
      registration.dispose()
    },
  }
  context.subscriptions.push(disposable)
  return disposable
}
