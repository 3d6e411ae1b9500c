import type { LanonasisClient, Session } from '@lanonasis/auth-client'
import * as vscode from 'vscode'

const texts: Record<Session['status'], string> = {
  loading: '$(sync~spin) Lanonasis',
  'signed-out': '$(sign-in) Lanonasis: Sign In',
  'signed-in': '$(account) Lanonasis',
  expired: '$(warning) Lanonasis: Session Expired',
}

/** The status bar item, and what the manifest's `when` clauses go by. */
export function showStatus(client: LanonasisClient): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('lanonasis', vscode.StatusBarAlignment.Right, 100)
  item.name = 'Lanonasis'
  item.command = 'lanonasis.menu'
  const show = () => {
    const session = client.getSnapshot()
    const { status, degraded } = session
    const isDegraded = status === 'signed-in' && degraded !== undefined
    item.text = isDegraded ? '$(cloud-offline) Lanonasis' : texts[status]
    item.tooltip = describe(session)
    const isWarning = status === 'expired' || isDegraded
    item.backgroundColor = isWarning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined
    item.accessibilityInformation = { label: describe(session), role: 'button' }
    void vscode.commands.executeCommand('setContext', 'lanonasis.status', effective(session))
    item.show()
  }
  const stop = client.subscribe(show)
  show()
  return vscode.Disposable.from(item, { dispose: stop })
}

/** Who has only an API key sees memories, too. */
function effective({ status, apiKey }: Session): Session['status'] {
  return status === 'signed-out' && apiKey !== undefined ? 'signed-in' : status
}

function describe({ status, apiKey, degraded, ...session }: Session): string {
  const lines = [`Lanonasis: ${status.replace('-', ' ')}`]
  if ('scope' in session && session.scope !== undefined) lines.push(`Allowed: ${session.scope}`)
  if (apiKey !== undefined) lines.push(`API key: ${apiKey.publicId}`)
  if (degraded !== undefined) lines.push(`The session cannot be renewed now (${degraded.code}).`)
  return lines.join('\n')
}

/** What can be done now. */
export async function showMenu(client: LanonasisClient): Promise<void> {
  const { status, apiKey } = await client.getSession()
  const isSignedIn = status === 'signed-in'
  const all = [
    { label: '$(sign-in) Sign In', command: 'lanonasis.signIn', fits: !isSignedIn },
    { label: '$(sync) Rotate API Key', command: 'lanonasis.rotateKey', fits: isSignedIn && apiKey },
    { label: '$(key) Enter API Key', command: 'lanonasis.enterKey', fits: true },
    { label: '$(cloud-download) Import from the CLI', command: 'lanonasis.import', fits: true },
    { label: '$(output) Show Log', command: 'lanonasis.log', fits: true },
    {
      label: '$(sign-out) Sign Out',
      command: 'lanonasis.signOut',
      fits: status !== 'signed-out' || apiKey,
    },
  ]
  const title = describe(client.getSnapshot()).split('\n').join(' · ')
  const chosen = await vscode.window.showQuickPick(
    all.filter(({ fits }) => fits),
    { title },
  )
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command)
}
