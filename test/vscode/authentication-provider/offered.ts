import type { Platform } from '../../../src/testing.ts'
import {
  type AuthenticatingEditor,
  type AuthenticationProvider,
  type AuthenticationProviderOptions,
  type AuthenticationSessionsChange,
  createClient,
  registerAuthenticationProvider,
  type VscodeClientOptions,
} from '../../../src/vscode.ts'
import { type DesktopWindow, desktop } from '../../support/vscode-api.ts'

/** What the editor has of a provider in one window. */
export interface Offered {
  readonly id: string
  readonly label: string
  readonly options: { readonly supportsMultipleAccounts: boolean }
  readonly provider: AuthenticationProvider
  /** What it was told, in words: `added a@b.c`. */
  readonly told: string[]
  readonly changes: AuthenticationSessionsChange[]
}

/** An editor whose person signs in on every page that is opened, as whoever is `person` then. */
export function editorFor(platform: Platform, person: { email?: string; password?: string } = {}) {
  const editor = desktop({
    browse: async (url) => editor.handOver(await platform.signIn(url, person)),
  })
  return editor
}

/** The extension in a window: a client, and its session offered. */
export function offerIn(
  window: DesktopWindow,
  {
    platform,
    client: clientOptions,
    ...options
  }: { platform: Platform; client?: Partial<VscodeClientOptions> } & Partial<
    Omit<AuthenticationProviderOptions, 'client'>
  >,
) {
  const { vscode, context } = window
  const { endpoints, fetch, clock } = platform
  const client = createClient({
    vscode,
    context,
    env: {},
    endpoints,
    fetch,
    now: clock.now,
    ...clientOptions,
  })
  const registered = new Map<string, Offered>()
  const editor: AuthenticatingEditor = {
    authentication: {
      registerAuthenticationProvider(id, label, provider, settings) {
        if (registered.has(id)) throw new Error(`This authentication id '${id}' is taken.`)
        const told: string[] = []
        const changes: AuthenticationSessionsChange[] = []
        const listening = provider.onDidChangeSessions((change) => {
          changes.push(change)
          for (const kind of ['added', 'removed', 'changed'] as const) {
            for (const { account } of change[kind] ?? []) told.push(`${kind} ${account.label}`)
          }
        })
        registered.set(id, { id, label, options: settings, provider, told, changes })
        return {
          dispose() {
            listening.dispose()
            registered.delete(id)
          },
        }
      },
    },
  }
  const registration = registerAuthenticationProvider({
    vscode: editor,
    context,
    client,
    ...options,
  })
  const [offered] = registered.values()
  if (offered === undefined) throw new Error('Nothing was registered.')
  return { client, registered, registration, ...offered }
}
