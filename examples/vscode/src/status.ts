import type { AuthErrorCode, LanonasisClient, Session } from '@lanonasis/auth-client'
import * as vscode from 'vscode'

const texts: Record<Session['status'], string> = {
  loading: '$(sync~spin) Lanonasis',
  'signed-out': '$(sign-in) Lanonasis: Sign In',
  'signed-in': '$(account) Lanonasis',
  expired: '$(warning) Lanonasis: Session Expired',
}

/** Without a client: a setting is wrong, for example. */
function textOf(session: Session | undefined): string {
  return session === undefined ? '$(circle-slash) Lanonasis: Not Started' : texts[session.status]
}

/** What is wrong with the API key: signing in is no help there (roadmap §2.4). */
const keyProblems: Partial<Record<AuthErrorCode, string>> = {
  api_key_malformed: 'Malformed',
  api_key_incomplete: 'Incomplete',
  api_key_expired: 'Expired',
  api_key_revoked: 'Revoked',
  api_key_rejected: 'Not Accepted',
}

/** The status bar item, and what the manifest's `when` clauses go by. It is there before a client is, too. */
export class Status implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem(
    'lanonasis',
    vscode.StatusBarAlignment.Right,
    100,
  )
  #client: LanonasisClient | undefined
  #keyProblem: string | undefined

  constructor() {
    this.#item.name = 'Lanonasis'
    this.#show()
  }

  /** Shows the session of this client. */
  follow(client: LanonasisClient): vscode.Disposable {
    this.#client = client
    this.#keyProblem = undefined
    let key = client.getSnapshot().apiKey?.publicId
    const stops = [
      client.subscribe(() => {
        const { apiKey } = client.getSnapshot()
        // Another key may be a good one.
        if (apiKey?.publicId !== key) this.#keyProblem = undefined
        key = apiKey?.publicId
        this.#show()
      }),
      client.on('request', ({ service, route, status = 0 }) => {
        // Keys are managed with the session; everything else there takes the key.
        const tellsOfKey = service === 'mcpHttp' && !route.includes('/api-keys')
        if (this.#keyProblem === undefined || !tellsOfKey || status < 200 || status > 299) return
        this.#keyProblem = undefined
        this.#show()
      }),
    ]
    this.#show()
    return {
      dispose: () => {
        for (const stop of stops) stop()
        this.#client = undefined
        this.#keyProblem = undefined
        this.#show()
      },
    }
  }

  /** Something has failed, perhaps for the sake of the key. */
  failed(code: AuthErrorCode): void {
    const problem = keyProblems[code]
    if (problem === undefined) return
    this.#keyProblem = problem
    this.#show()
  }

  dispose(): void {
    this.#item.dispose()
  }

  #show(): void {
    const session = this.#client?.getSnapshot()
    const item = this.#item
    const isDegraded = session?.status === 'signed-in' && session.degraded !== undefined
    const ordinary = isDegraded ? '$(cloud-offline) Lanonasis' : textOf(session)
    // A session that has ended comes first: with a new one there may be a new key.
    const problem = session?.status === 'expired' ? undefined : this.#keyProblem
    item.text = problem === undefined ? ordinary : `$(warning) Lanonasis: API Key ${problem}`
    const said = describe(this.#client, problem)
    item.tooltip = said
    item.accessibilityInformation = { label: said, role: 'button' }
    const isWarning = problem !== undefined || session?.status === 'expired' || isDegraded
    item.backgroundColor = isWarning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined
    item.command = session === undefined ? undefined : 'lanonasis.menu'
    const status = session === undefined ? 'not-started' : effective(session)
    void vscode.commands.executeCommand('setContext', 'lanonasis.status', status)
    item.show()
  }
}

/** Who has only an API key sees memories, too. */
function effective({ status, apiKey }: Session): Session['status'] {
  return status === 'signed-out' && apiKey !== undefined ? 'signed-in' : status
}

function describe(client: LanonasisClient | undefined, keyProblem?: string): string {
  const problem = keyProblem === undefined ? [] : [`The API key: ${keyProblem.toLowerCase()}`]
  if (client === undefined) return ['Lanonasis: not started', ...problem].join('\n')
  const session = client.getSnapshot()
  const { status, apiKey, degraded } = session
  const lines = [`Lanonasis: ${status.replace('-', ' ')}`, ...problem]
  if ('scope' in session && session.scope !== undefined) lines.push(`Allowed: ${session.scope}`)
  if (apiKey !== undefined) lines.push(`API key: ${apiKey.publicId}`)
  if (degraded !== undefined) lines.push(`The session cannot be renewed now (${degraded.code}).`)
  const { persistent, note } = client.describeStore()
  const isHeld = status === 'signed-in' || apiKey !== undefined
  if (isHeld && !persistent && note !== undefined) lines.push(note)
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
  const title = describe(client).split('\n').join(' · ')
  const chosen = await vscode.window.showQuickPick(
    all.filter(({ fits }) => fits),
    { title },
  )
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command)
}
