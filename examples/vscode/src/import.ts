import type { LanonasisClient } from '@lanonasis/auth-client'
import { importCredentials } from '@lanonasis/auth-client/vscode'
import * as vscode from 'vscode'

const declined = 'lanonasis.importDeclined'

/**
 * Takes over the API key of the CLI where the person agrees. Its session stays its own: the extension has another client
 * id, and a refresh token is bound to that (★14). The library takes care of it. Its addresses are not taken: those of a
 * file are not the user's own word (★1), and are a matter of the settings.
 *
 * @param isAsked the person wants it, and hears also that there is nothing
 */
export async function offerImport(
  client: LanonasisClient,
  context: vscode.ExtensionContext,
  { isAsked }: { readonly isAsked: boolean },
): Promise<void> {
  if (!isAsked && (context.globalState.get(declined) === true || (await hasCredentials(client))))
    return
  const { taken } = await importCredentials(client, { vscode, context, dryRun: true })
  if (taken.length === 0) {
    if (isAsked) vscode.window.showInformationMessage('There is nothing to import.')
    return
  }
  const what = taken
    .map((one) => (one.kind === 'api-key' ? `the API key ${one.publicId}` : 'the session'))
    .join(' and ')
  if (await agrees(`Use ${what} of another Lanonasis program on this machine?`, context)) {
    await importCredentials(client, { vscode, context })
  }
}

async function hasCredentials(client: LanonasisClient): Promise<boolean> {
  const { status, apiKey } = await client.getSession()
  return status === 'signed-in' || apiKey !== undefined
}

async function agrees(question: string, context: vscode.ExtensionContext): Promise<boolean> {
  const answer = await vscode.window.showInformationMessage(question, 'Use', 'Not Now', 'Never')
  if (answer === 'Never') await context.globalState.update(declined, true)
  return answer === 'Use'
}
