import { LanonasisClient } from '../client/lanonasis-client.ts'
import type { LanonasisClientOptions } from '../client/options.ts'
import type { Env } from '../endpoints/resolve.ts'
import { deviceFlow } from '../login/device/device-flow.ts'
import type { LoginFlow } from '../login/flow.ts'
import { editorLoopback } from './editor-loopback.ts'
import { editorWebSockets } from './editor-web-sockets.ts'
import type { ActivationContext, Editor } from './host.ts'
import { secretStorageStore } from './secret-storage-store.ts'
import { isSetUpByFolder } from './set-up-by-folder.ts'
import { uriHandlerFlow } from './uri-handler/uri-handler-flow.ts'

/** Options of {@link createClient}: those of the client, with the defaults of an extension. */
export interface VscodeClientOptions extends Omit<LanonasisClientOptions, 'clientId'> {
  /** The API of the editor: what `import * as vscode from 'vscode'` gives. */
  readonly vscode: Editor
  /** The one that `activate` was given. */
  readonly context: ActivationContext
  /** Default: that of the editor, `vscode-extension`, `cursor-extension` or `windsurf-extension`. */
  readonly clientId?: string | undefined
}

/**
 * A client for extensions of VS Code, Cursor, Windsurf and others of the family.
 *
 * | setting | default |
 * |---|---|
 * | `clientId` | `cursor-extension` in Cursor, `windsurf-extension` in Windsurf, else `vscode-extension` |
 * | `store` | {@link secretStorageStore} |
 * | `webSocket` | `ws` where the extension runs on Node.js, the browser's in a page |
 * | `env` | that of the process, on the person's own machine and in WSL; none on any other (a container, a codespace, over SSH), where a folder may have set it (★1) |
 * | `login` | {@link uriHandlerFlow}; a listener on 127.0.0.1:8080, on a desktop whose extension is not remote; {@link deviceFlow}, with an `onPrompt` that shows its code: the first that fits |
 *
 * Make it in `activate`, in every window. It ends with the extension.
 *
 * @throws AuthError `config_invalid`, `api_key_malformed`, `api_key_incomplete`, naming the setting
 * @example
 * ```ts
 * import { createClient } from '@lanonasis/auth-client/vscode'
 * import * as vscode from 'vscode'
 *
 * export function activate(context: vscode.ExtensionContext) {
 *   const lanonasis = createClient({ vscode, context })
 *   const signIn = () => lanonasis.login()
 *   context.subscriptions.push(vscode.commands.registerCommand('lanonasis.signIn', signIn))
 * }
 * ```
 */
export function createClient({
  vscode,
  context,
  ...options
}: VscodeClientOptions): LanonasisClient {
  const client = new LanonasisClient({
    ...options,
    env: options.env ?? environmentOf(vscode.env),
    webSocket: options.webSocket ?? editorWebSockets(),
    clientId: options.clientId ?? clientIdFor(vscode.env),
    store: options.store ?? secretStorageStore(context, { env: vscode.env }),
    login: options.login ?? defaultFlows({ vscode, context }),
  })
  context.subscriptions.push({ dispose: () => client.close() })
  return client
}

/** ★1 Not what a folder may have set. */
function environmentOf({ remoteName }: Editor['env']): Env | undefined {
  return isSetUpByFolder(remoteName) ? {} : undefined
}

/** In the order in which they are tried. */
function defaultFlows(host: Pick<VscodeClientOptions, 'vscode' | 'context'>): readonly LoginFlow[] {
  // A QR code is drawn for terminals.
  return [uriHandlerFlow(host), editorLoopback(host.vscode), deviceFlow({ qrCode: false })]
}

/** Editors of the family tell themselves apart by their scheme; some builds only by their name. */
function clientIdFor({ uriScheme, appName }: Editor['env']): string {
  const editor = ['cursor', 'windsurf'].find(
    (name) => uriScheme.startsWith(name) || appName.toLowerCase().startsWith(name),
  )
  return `${editor ?? 'vscode'}-extension`
}
