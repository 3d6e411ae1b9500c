import { isLoopback } from '../../endpoints/url.ts'
import type { ProxySettings } from './settings.ts'

/**
 * The proxy that a socket goes through: as undici's EnvHttpProxyAgent decides for a request, so that both
 * go the same way. What is on this machine is never asked of a proxy.
 */
export function proxyFor(url: URL, settings: ProxySettings | undefined): URL | undefined {
  if (settings === undefined || isLoopback(url.hostname)) return undefined
  const { httpProxy, httpsProxy, noProxy } = settings
  const isSecure = url.protocol === 'wss:' || url.protocol === 'https:'
  // Where only one is named, it is for both.
  const proxy = isSecure ? (httpsProxy ?? httpProxy) : httpProxy
  if (proxy === undefined || isExcepted(url, { noProxy, defaultPort: isSecure ? 443 : 80 })) {
    return undefined
  }
  return new URL(proxy)
}

/** A host or a domain, with or without a dot or `*.` before it and a port behind it. */
function isExcepted(
  { hostname, port }: URL,
  { noProxy, defaultPort }: { readonly noProxy: string; readonly defaultPort: number },
): boolean {
  return noProxy.split(/[,\s]+/).some((entry) => {
    const [, name = '', exceptedPort] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? []
    if (name === '') return false
    if (exceptedPort !== undefined && exceptedPort !== (port || String(defaultPort))) return false
    const excepted = name.replace(/^\*?\./, '').toLowerCase()
    return hostname === excepted || hostname.endsWith(`.${excepted}`)
  })
}
