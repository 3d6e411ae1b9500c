import type { Diagnostics } from '../../doctor/platform.ts'
import type { ProxySettings } from '../proxy/settings.ts'

/**
 * What a program on this machine can look at for `client.doctor()`.
 *
 * @param readProxies may throw: a certificate cannot be looked at then
 */
export function nodeDiagnostics(readProxies: () => ProxySettings | undefined): Diagnostics {
  return {
    certificate: async (url, options) => {
      const { certificateOf } = await import('./certificate.ts')
      return certificateOf(url, { ...options, proxies: readProxies() })
    },
    file: async (path) => {
      const { fileFacts } = await import('./file-facts.ts')
      return fileFacts(path)
    },
  }
}
