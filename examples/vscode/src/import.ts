import type { Endpoints, LanonasisClient } from '@lanonasis/auth-client'
import {
  createClient,
  type ImportedDeployment,
  type ImportReport,
  importCredentials,
  type TakenCredential,
} from '@lanonasis/auth-client/vscode'
import * as vscode from 'vscode'
import { addAddresses } from './settings.js'

const declined = 'lanonasis.importDeclined'

/**
 * Takes over the API key and the addresses of the CLI where the person agrees, who is shown all of it before. The CLI's
 * session stays its own: the extension has another client id, and a refresh token is bound to that (★14). The
 * library takes care of it. An address of a file is not the user's own word until they have seen it (★1).
 *
 * @param isAsked the person wants it: also what they have signed out of since, and to hear that there is nothing
 */
export async function offerImport(
  client: LanonasisClient,
  context: vscode.ExtensionContext,
  { isAsked }: { readonly isAsked: boolean },
): Promise<void> {
  if (!isAsked && (context.globalState.get(declined) === true || (await hasCredentials(client))))
    return
  const options = { vscode, context, again: isAsked }
  const { deployment } = await importCredentials(client, { ...options, dryRun: true })
  // What is for the services of the CLI can be taken by a client of these services.
  const target = deployment
    ? createClient({ vscode, context, endpoints: deployment.endpoints })
    : client
  try {
    const report = await importCredentials(target, { ...options, dryRun: true })
    const { taken } = report
    if (taken.length === 0 && deployment === undefined) {
      if (isAsked) vscode.window.showInformationMessage(`There is nothing to import.${why(report)}`)
      return
    }
    const question = { taken, deployment }
    if (!isAsked && !(await wantsToSee(question, context))) return
    if (!(await agrees(question))) return
    await importCredentials(target, options)
    if (deployment !== undefined) await addAddresses(changes(deployment))
  } finally {
    if (target !== client) await target.close()
  }
}

/** What is there all the same. */
function why({ passedOver, unusable, hints }: ImportReport): string {
  const addresses = hints.filter(({ code }) => code === 'address_invalid')
  const reasons = [...passedOver, ...unusable, ...addresses]
  return reasons.map(({ location, message }) => ` ${location}: ${message}`).join('')
}

interface Question {
  readonly taken: readonly TakenCredential[]
  readonly deployment: ImportedDeployment | undefined
}

/** Asked for by nobody, so without a dialog that stands in the way. */
async function wantsToSee(
  { taken, deployment }: Question,
  context: vscode.ExtensionContext,
): Promise<boolean> {
  const things = [...taken.map(nameOf), ...(deployment ? ['the addresses of the services'] : [])]
  const answer = await vscode.window.showInformationMessage(
    `Another Lanonasis program on this machine has ${things.join(' and ')}. Use that here?`,
    'Review…',
    'Not Now',
    'Never',
  )
  if (answer === 'Never') await context.globalState.update(declined, true)
  return answer === 'Review…'
}

/** Names everything that would be taken, each address whole. */
async function agrees({ taken, deployment }: Question): Promise<boolean> {
  const credentials = taken.map((one) => `• ${nameOf(one)} (${one.location})`)
  const addresses = deployment ? addressesIn(deployment) : []
  const parts = [credentials, addresses].filter((part) => part.length > 0)
  const detail = parts.map((part) => part.join('\n')).join('\n\n')
  const title = 'Use this of another Lanonasis program?'
  const answer = await vscode.window.showInformationMessage(title, { modal: true, detail }, 'Use')
  return answer === 'Use'
}

function nameOf(one: TakenCredential): string {
  switch (one.kind) {
    case 'api-key':
      return `the API key ${one.publicId}`
    case 'tokens':
      return one.renewable ? 'the session' : 'a session that cannot be renewed'
    case 'legacy-token':
      return 'a token of the time before OAuth'
  }
}

const services = [
  ['authGateway', 'Sign-in'],
  ['mcpHttp', 'Memories and API keys'],
  ['mcpWs', 'MCP over WebSocket'],
  ['mcpSse', 'Events'],
  ['restApi', 'REST API'],
] as const

function addressesIn({ location, endpoints, changed }: ImportedDeployment): readonly string[] {
  const lines = services.map(([name, title]) => {
    const news = changed.includes(name) ? '' : ' (as now)'
    return `• ${title}: ${endpoints[name]}${news}`
  })
  return [
    `Credentials will go to the addresses of ${location}, kept in your user settings:`,
    ...lines,
  ]
}

/** What is as now is not for the settings: it stays what it is. */
function changes({ endpoints, changed }: ImportedDeployment): Partial<Endpoints> {
  return Object.fromEntries(changed.map((name) => [name, endpoints[name]]))
}

async function hasCredentials(client: LanonasisClient): Promise<boolean> {
  const { status, apiKey } = await client.getSession()
  return status === 'signed-in' || apiKey !== undefined
}
