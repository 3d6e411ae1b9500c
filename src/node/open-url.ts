import type { Opener } from './open-browser.ts'

export type { Opener } from './open-browser.ts'

/** Opens a page in the person's own browser. Resolves when that seems to have worked. */
export type OpenUrl = (url: string) => Promise<void>

/**
 * Opens a URL in the default browser, without a shell. Only https, and http to this machine.
 *
 * @throws AuthError `config_invalid` for another kind of URL, or when there is no browser to open
 * @example
 * ```ts
 * import { openUrl } from '@lanonasis/auth-client/node'
 *
 * await openUrl('https://dashboard.lanonasis.com')
 * ```
 */
export async function openUrl(text: string, opener?: Opener): Promise<void> {
  const { openInBrowser } = await import('./open-browser.ts')
  return openInBrowser(text, opener)
}
