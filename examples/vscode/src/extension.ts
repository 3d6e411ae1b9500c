import { createClient, registerAuthenticationProvider } from '@lanonasis/auth-client/vscode'
import * as vscode from 'vscode'
import { askForKey, rotateKey } from './api-key.js'
import { offerImport } from './import.js'
import { follow } from './log.js'
import { MemoryTree } from './memory-tree.js'
import { type Attempt, reporter } from './problems.js'
import { userSettings } from './settings.js'
import { signIn, signOut } from './sign-in.js'
import { Status, showMenu } from './status.js'

/** The same for the desktop and for the web: what differs between them is the library's affair. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Lanonasis', { log: true })
  const status = new Status()
  const attempt = reporter({ log, onFailure: (code) => status.failed(code) })
  const memories = new MemoryTree(attempt)
  let running: vscode.Disposable | undefined
  // With the addresses of now: who corrects a setting, or takes those of the CLI, need not load the window again.
  const restart = () =>
    attempt(() => {
      running?.dispose()
      running = undefined
      running = start(context, { log, status, memories, attempt })
    })
  context.subscriptions.push(
    log,
    status,
    vscode.window.registerTreeDataProvider('lanonasis.memories', memories),
    vscode.workspace.registerTextDocumentContentProvider('lanonasis', memories),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('lanonasis')) void restart()
    }),
    { dispose: () => running?.dispose() },
  )
  void restart()
}

interface Tools {
  readonly log: vscode.LogOutputChannel
  readonly status: Status
  readonly memories: MemoryTree
  readonly attempt: Attempt
}

function start(context: vscode.ExtensionContext, tools: Tools): vscode.Disposable {
  const { log, status, memories, attempt } = tools
  const client = createClient({ vscode, context, ...userSettings() })
  follow(client, log)
  const enter = (scope?: string) => signIn(client, { scope, attempt })
  const leave = () => signOut(client)
  const commands: Record<string, () => unknown> = {
    signIn: () => enter(),
    signOut: leave,
    rotateKey: () => rotateKey(client),
    enterKey: () => askForKey(client),
    import: () => offerImport(client, context, { isAsked: true }),
    refresh: () => memories.refresh(),
    log: () => log.show(),
    menu: () => showMenu(client),
  }
  const disposables = [
    registerAuthenticationProvider({
      vscode,
      context,
      client,
      signIn: ({ scope }) => enter(scope),
      signOut: leave,
    }),
    memories.follow(client),
    status.follow(client),
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`lanonasis.${name}`, () => attempt(run)),
    ),
    { dispose: () => void client.close() },
  ]
  void attempt(() => offerImport(client, context, { isAsked: false }))
  return vscode.Disposable.from(...disposables)
}
