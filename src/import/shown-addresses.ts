import { isSecureUrl } from '../endpoints/url.ts'
import { isServiceName } from './owner.ts'

/** Only what is an address, and without the user information, the query, or whatever else one may hold. */
export function shownAddresses(
  addresses: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const shown = Object.entries(addresses).flatMap(([name, address]) => {
    if (!isServiceName(name) || !URL.canParse(address)) return []
    const url = new URL(address)
    return isSecureUrl(url) ? [[name, `${url.protocol}//${url.host}${plainPath(url)}`]] : []
  })
  return Object.fromEntries(shown)
}

/** A path of names, and no other: what else there is might be secret. */
function plainPath({ pathname }: URL): string {
  return /^(\/[\w.-]{1,24}){1,6}$/.test(pathname) ? pathname : ''
}
