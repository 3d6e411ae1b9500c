import { AuthError } from '../errors/auth-error.ts'
import type { LoginContext, LoginGrant } from '../login/flow.ts'
import { loopbackFlow } from '../node/loopback/loopback-flow.ts'
import type { Editor } from './host.ts'
import { declinedError, openPage } from './open-page.ts'
import { isNode } from './windows.ts'

/** `vscode.UIKind.Desktop` */
const desktop = 1

/** One sign-in with the browser that the editor opens. */
export async function runEditorLoopback(
  context: LoginContext,
  vscode: Editor,
): Promise<LoginGrant> {
  const declined = new AbortController()
  const flow = loopbackFlow({
    // What starts an extension has no terminal of the person's.
    readLine: false,
    openUrl: (url) => open(vscode, url, { context, decline: () => declined.abort() }),
  })
  try {
    const signal = AbortSignal.any([context.signal, declined.signal])
    return await flow.run({ ...context, signal })
  } catch (error) {
    throw declined.signal.aborted && !context.signal.aborted ? declinedError() : error
  }
}

/** Why no browser would come back to this machine. */
export function whyNoLoopback({ remoteName, uiKind }: Editor['env']): string | undefined {
  if (!isNode()) return 'an extension in a web worker cannot listen on a port'
  if (uiKind !== desktop) return 'the browser may be on another machine than the extension'
  if (remoteName !== undefined) return `the extension runs on another machine (${remoteName})`
  return undefined
}

/** Fails where no page was opened, so that the person is asked to open it. */
async function open(
  vscode: Editor,
  url: string,
  { context, decline }: { readonly context: LoginContext; readonly decline: () => void },
): Promise<void> {
  const what = await openPage(vscode, url)
  if (what === 'declined') decline()
  // Who has the address, and nobody to tell it, may still come back.
  if (what === 'opened' || (what === 'copied' && !context.canPrompt)) return
  throw new AuthError('login_cancelled', 'The editor has not opened the sign-in page.')
}
