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
      await client.login({
        scope,
        signal: cancelling.signal,
        onPrompt: (prompt) => void show(prompt, progress),
      })
    },
  )
  // Without a key the session works all the same.
  await attempt(() => client.apiKeys.ensure({ name: vscode.env.appName }))
}

const waits = {
  'another-sign-in': 'Another window is signing in…',
  approval: 'Waiting for you to allow it…',
  server: 'Waiting for the server…',
  tokens: 'Almost there…',
}

async function show(
  prompt: LoginPrompt,
  progress: vscode.Progress<{ message: string }>,
): Promise<void> {
  if (prompt.type === 'waiting') progress.report({ message: waits[prompt.for] })
  if (prompt.type === 'url' && !prompt.opened) {
    await offer('Open the page to sign in to Lanonasis.', prompt.url)
  }
  if (prompt.type === 'device-code') {
    const { userCode, urlComplete, url } = prompt
    await offer(`Sign in to Lanonasis with the code ${userCode}.`, urlComplete ?? url)
  }
}

async function offer(text: string, url: string): Promise<void> {
  const answer = await vscode.window.showInformationMessage(text, 'Open Page', 'Copy Address')
  if (answer === 'Open Page') await vscode.env.openExternal(vscode.Uri.parse(url, true))
  if (answer === 'Copy Address') await vscode.env.clipboard.writeText(url)
}
