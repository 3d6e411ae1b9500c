import { raceSignal, startDeadline } from '../../async/abort.ts'
import type { LoginContext } from '../../login/flow.ts'
import type { ActivationContext, Editor } from '../host.ts'

/** The redirect that is registered at the gateway for the clients of all editors of the family (CONTRACT §3). */
const registered = ['vscode://lanonasis.mcp-client/callback']
const editorClients = new Set(['vscode-extension', 'cursor-extension', 'windsurf-extension'])
const answerWithinMs = 5_000

/** Where the sign-in comes back to, or why it cannot come back to this editor. */
export type Redirect =
  | { readonly ok: true; readonly redirectUri: string }
  | { readonly ok: false; readonly reason: string }

export interface RedirectQuestion {
  readonly vscode: Editor
  readonly context: ActivationContext
  /** Registered for this client besides those that are known. */
  readonly redirectUris: readonly string[]
  readonly login: Pick<LoginContext, 'clientId' | 'lanonasis' | 'signal'>
}

/**
 * Finds the registered redirect URI that leads into this extension. The server compares letter by letter
 * (★11), so nothing but a registered one may ever be sent:
 *
 * | the editor | then |
 * |---|---|
 * | has another scheme (`cursor`, `windsurf`, `code-oss`), or the extension another id | no registered URI comes here |
 * | is reached under another address: a page, a tunnel | that address is not registered |
 * | only adds the number of its window | the URI without it, which the editor takes as well |
 *
 * @throws AuthError `aborted`
 */
export async function findRedirect(question: RedirectQuestion): Promise<Redirect> {
  const { vscode, context, login } = question
  const { uriScheme } = vscode.env
  const id = context.extension.id.toLowerCase()
  const known = login.lanonasis && editorClients.has(login.clientId) ? registered : []
  const all = [...known, ...question.redirectUris]
  if (all.length === 0) {
    return no(`no redirect URI is known to be registered for ${login.clientId} (redirectUris)`)
  }
  const redirectUri = all.find((text) => leadsTo(text, { uriScheme, id }))
  if (redirectUri === undefined) {
    return no(`${uriScheme}://${id} is not registered for ${login.clientId}`)
  }
  const external = await askForAddress(vscode, redirectUri, login.signal)
  if (external === undefined) return no('the editor does not say how it is reached')
  const reached = withoutWindow(external)
  return all.includes(reached)
    ? { ok: true, redirectUri: reached }
    : no(`the browser would come back to ${placeOf(external)}, which is not registered`)
}

/** The editor gives an extension only what carries its own scheme and the id of the extension. */
function leadsTo(text: string, { uriScheme, id }: { uriScheme: string; id: string }): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, host } = new URL(text)
  return protocol === `${uriScheme}:` && host.toLowerCase() === id
}

async function askForAddress(
  { env, Uri }: Editor,
  redirectUri: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = startDeadline(answerWithinMs, signal)
  try {
    const asked = Promise.resolve(env.asExternalUri(Uri.parse(redirectUri, true)))
    return (await raceSignal(asked, deadline.signal)).toString(true)
  } catch (error) {
    if (signal.aborted) throw error
    return undefined
  } finally {
    deadline.dispose()
  }
}

/** A hint for the editor alone, by which it brings the URI to this window rather than to the one used last. */
function withoutWindow(external: string): string {
  return external.replace(/\?windowId=[\w-]*$/, '').replace(/&windowId=[\w-]*$/, '')
}

function placeOf(external: string): string {
  if (!URL.canParse(external)) return 'another address'
  const { protocol, host } = new URL(external)
  return `${protocol}//${host}`
}

function no(reason: string): Redirect {
  return { ok: false, reason }
}
