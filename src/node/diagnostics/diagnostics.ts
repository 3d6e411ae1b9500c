import type { Diagnostics } from '../../doctor/platform.ts'
import type { Env } from '../../endpoints/resolve.ts'
import { isLoopback } from '../../endpoints/url.ts'
import { proxySettings } from '../proxy/settings.ts'

/** What a program on this machine can look at for `client.doctor()`. */
export function nodeDiagnostics(env: Env): Diagnostics {
  const throughProxy = proxySettings(env) !== undefined
  return {
    certificate: async (url, options) => {
      // A connection of our own would not go the way that requests go.
      if (throughProxy && !isLoopback(url.hostname)) return undefined
      const { certificateOf } = await import('./certificate.ts')
      return certificateOf(url, options)
    },
    file: async (path) => {
      const { fileFacts } = await import('./file-facts.ts')
      return fileFacts(path)
    },
  }
}
