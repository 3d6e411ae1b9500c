import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Editor } from './host.ts'

/** The person has let the editor open a page; has copied its address to open it by hand; or wants neither. */
export type Opened = 'opened' | 'copied' | 'declined'

/**
 * Opens a page in the person's browser, who may be asked by the editor first.
 *
 * As a text, which the editor opens as it is. A `Uri` it would decode and encode anew, and then an encoded
 * address within the query (the `return_to` of the gateway's sign-in page) falls apart.
 *
 * @throws AuthError `config_invalid`: the editor cannot open pages
 * @see https://github.com/microsoft/vscode/issues/85930
 */
export async function openPage({ env }: Pick<Editor, 'env'>, url: string): Promise<Opened> {
  let isOpened: boolean
  try {
    isOpened = await env.openExternal(url)
  } catch (cause) {
    throw new AuthError('config_invalid', 'The editor could not open a browser.', {
      cause,
      hint: 'Open the address by hand, or sign in with a code on another device.',
    })
  }
  if (isOpened) return 'opened'
  return (await isCopied(env, url)) ? 'copied' : 'declined'
}

/** In a page, the browser may ask the person whether the clipboard may be read. */
const clipboardTimeoutMs = 1_000

/**
 * The editor answers both Copy and Cancel of its question with `false`.
 * @see https://github.com/microsoft/vscode/issues/207540
 */
async function isCopied({ clipboard }: Editor['env'], url: string): Promise<boolean> {
  const deadline = startDeadline(clipboardTimeoutMs)
  try {
    return (await raceSignal(Promise.resolve(clipboard.readText()), deadline.signal)) === url
  } catch {
    return false
  } finally {
    deadline.dispose()
  }
}

/** For a person who did not let the editor open the page. */
export function declinedError(): AuthError {
  return new AuthError('login_cancelled', 'The sign-in page was not opened.')
}
