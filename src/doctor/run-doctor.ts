// Loaded on first use.
import { throwIfAborted } from '../async/abort.ts'
import type { ClientCore } from '../client/core.ts'
import { presets, serviceNames } from '../endpoints/presets.ts'
import type { ResolvedEndpoints } from '../endpoints/resolve.ts'
import { isAuthError } from '../errors/auth-error.ts'
import { describeCause } from '../errors/cause.ts'
import { type Check, failed, failure } from './check.ts'
import { checks } from './checks.ts'
import { type CheckContext, checkContext } from './context.ts'
import type { Diagnostics } from './platform.ts'
import type { Deployment, DoctorOptions, Finding, Report } from './report.ts'

/**
 * Runs the checks, all at the same time, and puts what they found in their order.
 * @throws AuthError `aborted`
 */
export async function runDoctor(
  core: ClientCore,
  {
    endpoints,
    diagnostics,
    options,
  }: {
    readonly endpoints: ResolvedEndpoints
    readonly diagnostics: Diagnostics
    readonly options: DoctorOptions
  },
): Promise<Report> {
  const { now } = core.settings
  const signal = options.signal ? AbortSignal.any([options.signal, core.closing]) : core.closing
  throwIfAborted(signal)
  const startedAt = now()
  const begunAt = performance.now()
  const access = await core.serverAccess()
  const context = checkContext(core, { access, endpoints, diagnostics, options, signal })
  const wanted = checks.filter(({ id }) => options.only?.includes(id) ?? true)
  const found = await Promise.all(wanted.map((check) => runCheck(check, context)))
  throwIfAborted(signal)
  const findings = [...unknownChecks(options), ...found.flat()]
  return {
    ok: findings.every(({ status }) => status !== 'failure'),
    findings,
    startedAt,
    durationMs: Math.round(performance.now() - begunAt),
    deployment: describeDeployment(core, endpoints),
  }
}

async function runCheck(check: Check, context: CheckContext): Promise<readonly Finding[]> {
  const { id } = check
  try {
    const results = await check.run(context)
    return results.map((result) => ({ check: id, ...result }))
  } catch (error) {
    if (isAuthError(error, 'aborted')) throw error
    if (isAuthError(error)) return [{ check: id, ...failed(error) }]
    // A store or a fetch that was passed in may throw anything.
    const { name = 'Error' } = describeCause(error) ?? {}
    const hint = 'Report this to whoever made the program, with the name of the check.'
    return [{ check: id, ...failure(`The check itself broke off (${name}).`, { hint }) }]
  }
}

/** A gate that is asked for a check it does not have must not say that all is well. */
function unknownChecks({ only = [] }: DoctorOptions): Finding[] {
  const known = checks.map(({ id }) => id)
  return only
    .filter((id) => !known.includes(id))
    .map((check) => ({
      check,
      ...failure('There is no check of this name.', {
        hint: `The checks are ${known.join(', ')}.`,
      }),
    }))
}

function describeDeployment(core: ClientCore, { urls, sources }: ResolvedEndpoints): Deployment {
  const is = (name: 'production' | 'staging') =>
    serviceNames.every((service) => urls[service] === presets[name][service])
  const describe = (service: keyof typeof urls) => ({
    url: urls[service],
    source: sources[service],
  })
  return {
    name: is('production') ? 'production' : is('staging') ? 'staging' : 'custom',
    clientId: core.settings.clientId,
    profile: core.settings.key.profile,
    endpoints: {
      authGateway: describe('authGateway'),
      mcpHttp: describe('mcpHttp'),
      mcpWs: describe('mcpWs'),
      mcpSse: describe('mcpSse'),
      restApi: describe('restApi'),
    },
  }
}
