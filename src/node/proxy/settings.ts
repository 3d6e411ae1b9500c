import type { Env } from '../../endpoints/resolve.ts'
import { AuthError } from '../../errors/auth-error.ts'

/** The proxies that the environment names. */
export interface ProxySettings {
  readonly httpProxy: string | undefined
  readonly httpsProxy: string | undefined
  /** Hosts that are reached directly, comma-separated. */
  readonly noProxy: string
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; as everywhere, the lower-case names win.
 *
 * @returns `undefined` when there is no proxy
 * @throws AuthError `config_invalid`, naming the variable; never its value, which may hold a password
 */
export function proxySettings(env: Env): ProxySettings | undefined {
  const httpProxy = proxyUrl(env, 'HTTP_PROXY')
  const httpsProxy = proxyUrl(env, 'HTTPS_PROXY')
  if (httpProxy === undefined && httpsProxy === undefined) return undefined
  const [, noProxy = ''] = variable(env, 'NO_PROXY') ?? []
  return noProxy.trim() === '*' ? undefined : { httpProxy, httpsProxy, noProxy }
}

function proxyUrl(env: Env, name: string): string | undefined {
  const [setting, value] = variable(env, name) ?? []
  if (setting === undefined || value === undefined) return undefined
  // curl and others take a proxy without a scheme.
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && isProxyUrl(url)) return url.href
  throw new AuthError('config_invalid', `${setting} is not the address of an HTTP proxy.`, {
    hint: `Set ${setting} to something like http://proxy.example.com:3128, or unset it.`,
  })
}

function isProxyUrl({ protocol, username, password }: URL): boolean {
  try {
    // They are sent decoded; a lone % in a password is a mistake that would show up much later.
    decodeURIComponent(username + password)
  } catch {
    return false
  }
  return protocol === 'http:' || protocol === 'https:'
}

function variable(env: Env, name: string): readonly [name: string, value: string] | undefined {
  for (const candidate of [name.toLowerCase(), name]) {
    const value = env[candidate]
    if (value !== undefined && value !== '') return [candidate, value]
  }
  return undefined
}
