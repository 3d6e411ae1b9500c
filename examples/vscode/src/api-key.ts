import { inspectApiKey, type LanonasisClient } from '@lanonasis/auth-client'
import * as vscode from 'vscode'

/** Takes a key that the person has copied from the dashboard, and says at once when it is not a whole one. */
export async function askForKey(client: LanonasisClient): Promise<void> {
  const key = await vscode.window.showInputBox({
    title: 'Lanonasis API Key',
    prompt: 'The full key from the dashboard: pk_….sk_… or lano_…',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => {
      const inspection = inspectApiKey(text)
      return inspection.ok || text === '' ? undefined : inspection.hint
    },
  })
  if (key === undefined || key === '') return
  await client.setApiKey(key)
  vscode.window.showInformationMessage('The API key is kept in the secrets of the editor.')
}

/** At no moment there is no key that works: the library makes the new one, tries it, and then revokes the old one. */
export async function rotateKey(client: LanonasisClient): Promise<void> {
  const location = vscode.ProgressLocation.Notification
  const { publicId, created, replaced } = await vscode.window.withProgress(
    { location, title: 'Rotating the Lanonasis API key' },
    async () => {
      const { apiKey } = await client.getSession()
      return apiKey ? client.apiKeys.rotate() : client.apiKeys.ensure({ name: vscode.env.appName })
    },
  )
  const news = created ? `The new API key ${publicId} is in use.` : `${publicId} is in use.`
  if (replaced?.revoked === false) {
    const { id, error } = replaced
    const alive = `The old key (its id is ${id}) may still work, because it was not revoked: ${error?.message}`
    vscode.window.showWarningMessage(`${news} ${alive} Revoke it in the dashboard.`)
  } else vscode.window.showInformationMessage(news)
}
