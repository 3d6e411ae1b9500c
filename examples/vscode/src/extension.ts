import { createClient, registerAuthenticationProvider } from '@lanonasis/auth-client/vscode'
import * as vscode from 'vscode'
import { askForKey, rotateKey } from './api-key.js'
import { offerImport } from './import.js'
import { follow } from './log.js'
import { MemoryTree } from './memory-tree.js'
import { reporter } from './problems.js'
import { userSettings } from './settings.js'
import { signIn, signOut } from './sign-in.js'
import { showMenu, showStatus } from './status.js'

/** The same for the desktop and for the web: what differs between them is the library's affair. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Lanonasis', { log: true })
  context.subscriptions.push(log)
  const attempt = reporter(log)
  void attempt(async () => start(context, { log, attempt }))
}

interface Tools {
  readonly log: vscode.LogOutputChannel
  readonly attempt: ReturnType<typeof reporter>
}

function start(context: vscode.ExtensionContext, { log, attempt }: Tools): void {
  const client = createClient({ vscode, context, ...userSettings() })
  follow(client, log)
  const memories = new MemoryTree(client, attempt)
  const enter = (scope?: string) => signIn(client, { scope, attempt })
  registerAuthenticationProvider({ vscode, context, client, signIn: ({ scope }) => enter(scope) })
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider('lanonasis.memories', memories),
    vscode.workspace.registerTextDocumentContentProvider('lanonasis', memories),
    showStatus(client),
  )

  const commands: Record<string, () => unknown> = {
    signIn: () => enter(),
    signOut: () => signOut(client),
    rotateKey: () => rotateKey(client),
    enterKey: () => askForKey(client),
    import: () => offerImport(client, context, { isAsked: true }),
    refresh: () => memories.refresh(),
    log: () => log.show(),
    menu: () => showMenu(client),
  }
  for (const [name, run] of Object.entries(commands)) {
    const command = () => attempt(async () => run())
    context.subscriptions.push(vscode.commands.registerCommand(`lanonasis.${name}`, command))
  }
  void attempt(() => offerImport(client, context, { isAsked: false }))
}
