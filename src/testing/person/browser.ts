/** A browser of a scripted person: the cookies it keeps, by host name, for no port is in a cookie. */
export interface PlatformBrowser {
  /** By host name, then by the name of the cookie. */
  readonly cookies: Map<string, Map<string, string>>
}

/**
 * A browser without any cookies. Share one between sign-ins to stay signed in at the gateway.
 *
 * @example
 * ```ts
 * import { createBrowser, createPlatform } from '@lanonasis/auth-client/testing'
 *
 * const platform = createPlatform()
 * const browser = createBrowser()
 * const comeBack = (authorizeUrl: string) => platform.signIn(authorizeUrl, { browser })
 * ```
 */
export function createBrowser(): PlatformBrowser {
  return { cookies: new Map() }
}

/** The `Cookie` header for a URL, or undefined when there is nothing to send. */
export function cookieHeader(browser: PlatformBrowser, url: URL): string | undefined {
  const cookies = browser.cookies.get(url.hostname)
  if (cookies === undefined || cookies.size === 0) return undefined
  return Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ')
}

/** Keeps what a `Set-Cookie` header says. */
export function keepCookie(
  browser: PlatformBrowser,
  { url, header }: { url: URL; header: string },
) {
  const [pair = '', ...attributes] = header.split(';')
  const separator = pair.indexOf('=')
  if (separator < 1) return
  const cookies = browser.cookies.get(url.hostname) ?? new Map<string, string>()
  browser.cookies.set(url.hostname, cookies)
  const name = pair.slice(0, separator).trim()
  if (attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute))) cookies.delete(name)
  else cookies.set(name, pair.slice(separator + 1).trim())
}
