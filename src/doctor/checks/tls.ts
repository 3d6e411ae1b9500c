import { serviceNames } from '../../endpoints/presets.ts'
import { httpOrigin, isLoopback } from '../../endpoints/url.ts'
import { describeCause, innermostCode } from '../../errors/cause.ts'
import { isCertificateCode, networkError } from '../../http/transport.ts'
import { type Check, failure, ok, type Result, skipped, warning } from '../check.ts'
import { type CheckContext, httpServices } from '../context.ts'
import type { CertificateFacts } from '../platform.ts'

const dayMs = 86_400_000
/** Certificates that renew themselves do so a month before they end: two weeks before, something is stuck. */
const soonMs = 14 * dayMs

/** Encryption to each origin: whether the certificate is trusted here, and until when. */
export const tlsCheck: Check = {
  id: 'tls',
  title: 'Encryption and certificates',
  async run(context) {
    const { urls } = context.endpoints
    const origins = [...new Set(serviceNames.map((service) => httpOrigin(urls[service])))]
    const found = await Promise.all(origins.map((origin) => look(context, new URL(origin))))
    return found
  },
}

async function look(context: CheckContext, url: URL): Promise<Result> {
  if (url.protocol === 'http:' && isLoopback(url.hostname)) {
    return skipped(`${url.host} is on this machine, without encryption.`)
  }
  const { diagnostics, within, signal } = context
  const inspect = diagnostics.certificate?.(url, { signal })
  // What could not be looked at is told by the requests.
  const facts = inspect && (await within(url.host, inspect).catch(unlessAborted(signal)))
  return facts === undefined ? byRequests(context, url) : judge(url.host, facts, context)
}

function unlessAborted(signal: AbortSignal) {
  return (error: unknown): undefined => {
    if (signal.aborted) throw error
  }
}

function judge(
  host: string,
  { validFrom, validTo, problem }: CertificateFacts,
  { settings }: CheckContext,
): Result {
  const now = settings.now()
  const until = new Date(validTo).toISOString().slice(0, 10)
  if (now > validTo) return untrusted(host, 'CERT_HAS_EXPIRED', `It ended on ${until}.`)
  if (now < validFrom) return untrusted(host, 'CERT_NOT_YET_VALID')
  if (problem !== undefined) return untrusted(host, problem)
  const days = Math.floor((validTo - now) / dayMs)
  if (validTo - now < soonMs) {
    return warning(`The certificate of ${host} ends on ${until}, in ${days} days.`, {
      expected: 'a renewal a month before',
      hint: 'Renew it now, and find out why that did not happen by itself.',
    })
  }
  return ok(`The certificate of ${host} is trusted, and good until ${until}.`)
}

/** What the other checks' requests have met with. */
async function byRequests(context: CheckContext, { origin, host }: URL): Promise<Result> {
  const answers = await Promise.all(
    httpServices
      .filter((service) => httpOrigin(context.endpoints.urls[service]) === origin)
      .map((service) => context.first(service)),
  )
  if (answers.some(({ type }) => type === 'answered')) {
    return ok(`The certificate of ${host} is trusted; when it ends cannot be seen from here.`)
  }
  const codes = answers.flatMap((answer) => {
    const cause = answer.type === 'unanswered' ? answer.error.cause : undefined
    return innermostCode(describeCause(cause)) ?? []
  })
  const code = codes.find(isCertificateCode)
  if (code !== undefined) return untrusted(host, code)
  return skipped(`There was no connection to ${host}, so its certificate cannot be seen.`)
}

/** What helps, where it is something else than trusting the certificate. */
const hints: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    'Renew the certificate of the service; if it is good, this machine’s clock is wrong.',
  CERT_NOT_YET_VALID:
    'The clock of this machine is wrong, or the certificate is installed too early.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate is of another host: correct the address, or have the name added to the certificate.',
  HOSTNAME_MISMATCH:
    'The certificate is of another host: correct the address, or have the name added to the certificate.',
}

function untrusted(host: string, code: string, more = ''): Result {
  const { hint } = networkError(Object.assign(new Error(), { code }), host)
  return failure(`The certificate of ${host} is not good (${code}). ${more}`.trim(), {
    hint: hints[code] ?? hint,
  })
}
