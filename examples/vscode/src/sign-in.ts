import type { LanonasisClient } from '@lanonasis/auth-client'
import { editorPrompts } from '@lanonasis/auth-client/vscode'
import * as vscode from 'vscode'
import type { Attempt } from './problems.js'

interface SignInOptions {
  readonly scope: string | undefined
  readonly attempt: Attempt
}

/** Signs the person in, and makes sure of an API key. */
export async function signIn(
  client: LanonasisClient,
  { scope, attempt }: SignInOptions,
): Promise<void> {
  const withPrompts = editorPrompts({ vscode })
  await withPrompts((prompts) => client.login({ scope, ...prompts }))
  // Without a key the session works all the same.
  await attempt(() => client.apiKeys.ensure({ name: vscode.env.appName }))
}

const credentials = { tokens: 'the session', 'api-key': 'the API key' } as const

/** Here everything is forgotten in any case; what may live on at the services is said. */
export async function signOut(client: LanonasisClient): Promise<void> {
  const { alive, reason } = await client.logout({ apiKey: 'revoke' })
  if (alive === undefined) return
  const living = alive.map((one) => credentials[one]).join(' and ')
  vscode.window.showWarningMessage(
    `Signed out of this editor. At the services ${living} may live on: ${reason}`,
  )
}
