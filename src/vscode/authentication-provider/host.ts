/** The part of VS Code's API by which an extension offers its sign-in to others, in the form of interfaces of our own. */
import type { HostDisposable } from '../host.ts'

/** `vscode.AuthenticationSession` */
export interface AuthenticationSession {
  /** The same as long as the person stays signed in, and in all windows. */
  readonly id: string
  /** Good for use now. */
  readonly accessToken: string
  /** Who is signed in. The editor remembers by the label which extensions may use the account. */
  readonly account: { readonly id: string; readonly label: string }
  /** What was granted. */
  readonly scopes: readonly string[]
}

/** `vscode.AuthenticationProviderSessionOptions`; older editors give none. */
export interface AuthenticationSessionOptions {
  /** Whose session it has to be. The editor leaves it to the provider to look. */
  readonly account?: AuthenticationSession['account'] | undefined
}

/** `vscode.AuthenticationProviderAuthenticationSessionsChangeEvent` */
export interface AuthenticationSessionsChange {
  readonly added: readonly AuthenticationSession[] | undefined
  readonly removed: readonly AuthenticationSession[] | undefined
  /** The same session with another access token, or other scopes. */
  readonly changed: readonly AuthenticationSession[] | undefined
}

/** `vscode.AuthenticationProvider` */
export interface AuthenticationProvider {
  /** Tells that the session is another one than before. */
  readonly onDidChangeSessions: (
    listener: (change: AuthenticationSessionsChange) => unknown,
  ) => HostDisposable
  /** The session, where there is one with all of these scopes, and of the person who is asked for. */
  getSessions(
    scopes?: readonly string[],
    options?: AuthenticationSessionOptions,
  ): Promise<readonly AuthenticationSession[]>
  /** Signs the person in. */
  createSession(scopes: readonly string[]): Promise<AuthenticationSession>
  /** Signs the person out. */
  removeSession(sessionId: string): Promise<void>
}

/** `vscode`, as far as offering a sign-in to other extensions needs it. */
export interface AuthenticatingEditor {
  readonly authentication: {
    /** Throws where another extension has taken the id. */
    registerAuthenticationProvider(
      id: string,
      label: string,
      provider: AuthenticationProvider,
      options: { readonly supportsMultipleAccounts: boolean },
    ): HostDisposable
  }
}
