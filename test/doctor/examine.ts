import type { Fetch } from '../../src/http/transport.ts'
import type { CheckId, DoctorOptions, Finding, LanonasisClientOptions } from '../../src/index.ts'
import type { Platform } from '../../src/testing.ts'
import { clientFor, platformAt } from '../support/setup.ts'

interface Examination {
  readonly platform?: Platform
  readonly client?: Partial<LanonasisClientOptions>
  readonly options?: Omit<DoctorOptions, 'only'>
}

/** A client of the services in process, with everything that a doctor may need. */
export function patient(platform: Platform, options: Partial<LanonasisClientOptions> = {}) {
  return clientFor(platform, { webSocket: platform.webSocket, ...options })
}

/** What one check finds, without its name. */
export async function examine(
  check: CheckId,
  { platform = platformAt(), client, options }: Examination = {},
): Promise<readonly Omit<Finding, 'check'>[]> {
  const doctor = patient(platform, client)
  const { findings } = await doctor.doctor({ ...options, only: [check] })
  await doctor.close()
  return findings.map(({ check: name, ...rest }) => {
    if (name !== check) throw new Error(`A finding of ${name} in a report on ${check}.`)
    return rest
  })
}

/** How the findings stand, in order. */
export function statuses(findings: readonly { readonly status: string }[]): string[] {
  return findings.map(({ status }) => status)
}

/** The findings that need somebody. */
export function troubles(findings: readonly Omit<Finding, 'check'>[]) {
  return findings.filter(({ status }) => status === 'failure' || status === 'warning')
}

/** The platform, except where `answer` has another idea. */
export function overriding(
  platform: Platform,
  answer: (request: { readonly url: URL; readonly method: string }) => Response | undefined,
): Fetch {
  return async (input, init) => {
    const { url, method } = new Request(input, init)
    return answer({ url: new URL(url), method }) ?? platform.fetch(input, init)
  }
}
