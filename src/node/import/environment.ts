import type { Env } from '../../endpoints/resolve.ts'
import type { ImportedSource, ImportHint, UnusableCredential } from '../../import/report.ts'

/** Variables in which credentials are given to the old programs, and to this one. */
const variables = [
  { name: 'LANONASIS_API_KEY', kind: 'api-key' },
  { name: 'LANONASIS_VENDOR_KEY', kind: 'api-key' },
  { name: 'MEMORY_API_KEY', kind: 'api-key' },
  { name: 'LANONASIS_TOKEN', kind: 'legacy-token' },
] as const

/** What is to be said of the environment: whoever set a variable decides over it, so nothing of it is stored. */
export function reportEnvironment(env: Env): {
  readonly found: readonly ImportedSource[]
  readonly unusable: readonly UnusableCredential[]
  readonly hints: readonly ImportHint[]
} {
  const set = variables.filter(({ name }) => (env[name] ?? '').trim() !== '')
  return {
    found: set.map(({ name, kind }) => ({
      place: 'environment',
      location: name,
      format: kind === 'api-key' ? 'api-key' : 'unknown',
      became: 'kept',
    })),
    unusable: set.map(({ name, kind }) => ({
      location: name,
      kind,
      code: 'environment_only',
      message:
        name === 'LANONASIS_API_KEY'
          ? 'It is used as long as it is set, and never stored.'
          : 'It is not read any more, and never stored: an API key goes into LANONASIS_API_KEY.',
    })),
    hints: set
      .filter(({ name }) => name === 'LANONASIS_API_KEY')
      .map(({ name }) => ({
        code: 'environment_outranks',
        location: name,
        message: `${name} outranks every stored API key: unset it to use an imported one.`,
      })),
  }
}
