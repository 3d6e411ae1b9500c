import type { LanonasisClient, LoginPrompt } from '@lanonasis/auth-client'
import * as vscode from 'vscode'
import type { reporter } from './problems.js'

interface SignInOptions {
  readonly scope: string | undefined
  readonly attempt: ReturnType<typeof reporter>
}

/** Signs the person in, with progress that can be cancelled, and makes sure of an API key. */
export async function signIn(
  client: LanonasisClient,
  { scope, attempt }: SignInOptions,
): Promise<void> {
  const location = vscode.ProgressLocation.Notification
  await vscode.window.withProgress(
    { location, title: 'Signing in to Lanonasis', cancellable: true },
    async (progress, cancellation) => {
      const cancelling = new AbortController()
      cancellation.onCancellationRequested(() => cancelling.abort())
      const page = showPage()
      const onPrompt = (prompt: LoginPrompt) => {
        if (prompt.type === 'waiting') progress.report({ message: waits[prompt.for] })
        else page.show(prompt)
      }
      try {
        await client.login({ scope, signal: cancelling.signal, onPrompt })
      } finally {
        page.dispose()
      }
    },
  )
  // Without a key the session works all the same.
  await attempt(() => client.apiKeys.ensure({ name: vscode.env.appName }))
}

const waits = {
  'another-sign-in': 'another window is at it…',
  approval: 'waiting for you to allow it…',
  server: 'waiting for the server…',
  tokens: 'almost there…',
}

/** Where the person has to open a page: a question that stays until the sign-in is over. */
function showPage() {
  const question = vscode.window.createQuickPick()
  const [open, copy] = [{ label: '$(link-external) Open Page' }, { label: '$(copy) Copy Address' }]
  let address = ''
  question.items = [open, copy]
  question.ignoreFocusOut = true
  question.placeholder = 'Sign in on the page, with any browser, and allow it there.'
  question.onDidAccept(() => {
    if (question.activeItems[0] === copy) void vscode.env.clipboard.writeText(address)
    else void vscode.env.openExternal(vscode.Uri.parse(address, true))
  })
  return {
    dispose: () => question.dispose(),
    show(prompt: Exclude<LoginPrompt, { type: 'waiting' }>) {
      // The editor has asked already, and the person has opened it.
      if (prompt.type === 'url' && prompt.opened) return
      const code = prompt.type === 'device-code' ? ` with the code ${prompt.userCode}` : ''
      address = (prompt.type === 'device-code' && prompt.urlComplete) || prompt.url
      question.title = `Sign in to Lanonasis${code}`
      question.show()
    },
  }
}

/** Here everything is forgotten in any case; what lives on at the services is said. */
export async function signOut(client: LanonasisClient): Promise<void> {
  const { revoked, reason } = await client.logout({ apiKey: 'revoke' })
  if (revoked || reason === undefined) return
  vscode.window.showWarningMessage(`Signed out of this editor, but not at the services: ${reason}`)
}
