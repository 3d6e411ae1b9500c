import type { Env } from '../../endpoints/resolve.ts'
import type { Content, Reading } from '../../import/content.ts'
import { readBareKey } from '../../import/formats/api-key.ts'
import type { ImportedSource, ImportHint, UnusableCredential } from '../../import/report.ts'

/** Variables in which credentials are given to the old programs, and to this one. */
const variables = [
  { name: 'LANONASIS_API_KEY', kind: 'api-key' },
  { name: 'LANONASIS_VENDOR_KEY', kind: 'api-key' },
  { name: 'MEMORY_API_KEY', kind: 'api-key' },
  { name: 'LANONASIS_TOKEN', kind: 'legacy-token' },
] as const

/** What becomes of variables with credentials. */
export type EnvironmentChoice = 'report' | 'take'

export interface EnvironmentFindings {
  readonly readings: readonly Reading[]
  readonly found: readonly ImportedSource[]
  readonly unusable: readonly UnusableCredential[]
  readonly hints: readonly ImportHint[]
}

/**
 * What is in the environment. Whoever has set a variable decides over it: unless it is asked for, nothing
 * of it is stored, and all of it is only reported.
 */
export function readEnvironment(env: Env, choice: EnvironmentChoice): EnvironmentFindings {
  const set = variables.flatMap(({ name, kind }) => {
    const text = (env[name] ?? '').trim()
    return text === '' ? [] : [{ name, kind, text }]
  })
  const hints = set.filter(({ name }) => name === 'LANONASIS_API_KEY').map(outranks)
  if (choice === 'take') {
    const readings = set.map(({ name, kind, text }) => ({
      place: 'environment' as const,
      location: name,
      content: kind === 'api-key' ? readBareKey(text) : bareToken(text),
    }))
    return { readings, found: [], unusable: [], hints }
  }
  return {
    readings: [],
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
          ? 'It is used as long as it is set, and not stored unless that is asked for.'
          : 'It is not read any more: to have it stored, import with `environment` set to take.',
    })),
    hints,
  }
}

/** Nothing says what kind of token it is, nor when it ends: that is judged by its form. */
function bareToken(accessToken: string): Content {
  return { format: 'tokens', items: [{ type: 'tokens', accessToken }], problems: [] }
}

function outranks({ name }: { readonly name: string }): ImportHint {
  return {
    code: 'environment_outranks',
    location: name,
    message: `${name} outranks every stored API key: unset it to use an imported one.`,
  }
}
