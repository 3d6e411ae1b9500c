import { type LanonasisClient, resolveEndpoints } from '@lanonasis/auth-client'
import { importCredentials } from '@lanonasis/auth-client/vscode'
import * as vscode from 'vscode'
import { useEndpoints } from './settings.js'

const declined = 'lanonasis.importDeclined'

/**
 * Takes over the API key of the CLI and its addresses where the person agrees. Its session stays its own: the extension
 * has another client id, and a refresh token is bound to that (★14). The library takes care of it.
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
  const { taken, found } = await importCredentials(client, { vscode, context, dryRun: true })
  const [key] = taken.filter(({ kind }) => kind === 'api-key')
  const services = found.map(({ services }) => services).find((one) => one !== undefined)
  const others = services && differing(client, services)
  if (isAsked && taken.length === 0 && others === undefined) {
    vscode.window.showInformationMessage('There is nothing to import.')
  }
  if (taken.length > 0) {
    const name = key?.kind === 'api-key' ? `the API key ${key.publicId}` : 'a session'
    if (!(await agrees(`Use ${name} of another Lanonasis program on this machine?`, context)))
      return
    await importCredentials(client, { vscode, context })
  }
  // An address from a file is not the user's own word before they have said so (★1).
  if (others === undefined || (!isAsked && taken.length === 0)) return
  if (
    await agrees(`Use the CLI's services as well? ${Object.values(others).join(', ')}`, context)
  ) {
    await useEndpoints(others)
  }
}

async function hasCredentials(client: LanonasisClient): Promise<boolean> {
  const { status, apiKey } = await client.getSession()
  return status === 'signed-in' || apiKey !== undefined
}

/** The addresses that the CLI's file names and this client does not use. */
function differing(client: LanonasisClient, services: Readonly<Record<string, string>>) {
  const { urls, sources } = resolveEndpoints({ services })
  const named = Object.entries(urls).filter(
    ([name, url]) =>
      Object.entries(sources).some(([other, from]) => other === name && from === 'config') &&
      !Object.values(client.endpoints).includes(url),
  )
  return named.length === 0 ? undefined : Object.fromEntries(named)
}

async function agrees(question: string, context: vscode.ExtensionContext): Promise<boolean> {
  const answer = await vscode.window.showInformationMessage(question, 'Use', 'Not Now', 'Never')
  if (answer === 'Never') await context.globalState.update(declined, true)
  return answer === 'Use'
}
