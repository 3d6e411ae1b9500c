import type { Env } from '../endpoints/resolve.ts'

/**
 * Whether a page's rules hold here: CORS, no `Cookie` header, opaque redirects. Servers, workers at the
 * edge and desktop programs have no document.
 */
export function isBrowser(): boolean {
  return typeof document === 'object' && typeof window === 'object'
}

/** The variables of the process, where there is one; read by name so that no bundler replaces it. */
export function processEnv(): Env {
  const runtime: { process?: { env?: Env } } = globalThis
  return runtime.process?.env ?? {}
}
