import { joinUrl } from '../../endpoints/url.ts'
import { type Answer, inShort } from '../ask.ts'
import { type Check, failure, ok, type Result, skipped, warning } from '../check.ts'
import type { CheckContext } from '../context.ts'

/** That errors come in a form that programs can read (CONTRACT §6). */
export const errorsCheck: Check = {
  id: 'errors',
  title: 'Errors come in a form that programs can read',
  async run(context) {
    const services = ['mcpHttp', 'restApi'] as const
    const [gateway, ...others] = await Promise.all([
      withoutBody(context),
      ...services.map(async (service) => ({
        ...judge(await context.first(service)),
        service,
      })),
    ])
    return [gateway, ...others]
  },
}

/** Any other route than the token endpoint, whose requests are counted (★15). */
async function withoutBody(context: CheckContext): Promise<Result> {
  const service = 'authGateway'
  const first = await context.first(service)
  if (first.type === 'unanswered') return { ...judge(first), service }
  const url = joinUrl(context.endpoints.urls[service], 'oauth/introspect')
  const answer = await context.ask({
    service,
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  if (answer.type === 'unanswered' || answer.status === 429) return { ...judge(answer), service }
  if (answer.status === 400 && answer.failure.code === 'INVALID_BODY') {
    return ok(`${url.host} refuses a request without a body (${inShort(answer)}).`, { service })
  }
  const isRefusal = answer.status >= 400 && answer.status < 500
  const what = `${url.host} answers a request without a body with ${inShort(answer)}.`
  const details: Parameters<typeof failure>[1] = {
    service,
    expected: '400 INVALID_BODY',
    hint: 'Look at how this build reads bodies, and at what the proxy in front of it does with them.',
  }
  return isRefusal ? warning(what, details) : failure(what, details)
}

/** An error that the service has given already. */
function judge(answer: Answer): Result {
  const { host } = answer.url
  if (answer.type === 'unanswered') {
    return skipped(`${host} does not answer, so this cannot be seen.`)
  }
  const { status, failure: refusal } = answer
  if (status < 400) return skipped(`${host} gave no error that could be looked at.`)
  if (refusal.code !== undefined) return ok(`${host} says what is wrong (${inShort(answer)}).`)
  return warning(`${host} answers ${status} without a code that programs can read.`, {
    expected: '{"error", "code"} as JSON',
    hint: 'Something in between may have answered: look at the proxy, and at the service behind it.',
  })
}
