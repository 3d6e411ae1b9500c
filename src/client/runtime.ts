import type { Env } from '../endpoints/resolve.ts'

/**
 * Whether a page's rules hold here: CORS, no `Cookie` header, opaque redirects. Servers, workers at the
 * edge and desktop programs have no document; the workers of a browser have none either, but `importScripts`.
 */
export function isBrowser(): boolean {
  const isPage = typeof document === 'object' && typeof window === 'object'
  return isPage || typeof Reflect.get(globalThis, 'importScripts') === 'function'
}

/** The variables of the process, where there is one; read by name so that no bundler replaces it. */
export function processEnv(): Env {
  const runtime: { process?: { env?: Env } } = globalThis
  return runtime.process?.env ?? {}
}
