import { type Answered, inShort } from '../ask.ts'
import { type Check, failed, failure, ok, type Result, warning } from '../check.ts'
import { type CheckContext, type HttpService, httpServices } from '../context.ts'

/** An answer that takes longer is noticed by people, ms. */
const slowMs = 2_000

/** Whether each service is there, answers in its own voice, and how long it takes. */
export const servicesCheck: Check = {
  id: 'services',
  title: 'Each service answers, and how fast',
  run: (context) => Promise.all(httpServices.map((service) => look(context, service))),
}

async function look(context: CheckContext, service: HttpService): Promise<Result> {
  const answer = await context.first(service)
  if (answer.type === 'unanswered') return failed(answer.error, { service })
  const { latencyMs } = answer
  const problem = problemOf(answer, service)
  if (problem !== undefined) return { ...problem, service, latencyMs }
  const { host } = answer.url
  if (latencyMs < slowMs) return ok(`${host} answers.`, { service, latencyMs })
  return warning(`${host} answers slowly.`, {
    service,
    latencyMs,
    expected: `an answer within ${slowMs} ms`,
    hint: 'Look at the load of the service, and at the network in between.',
  })
}

function problemOf(answer: Answered, service: HttpService): Result | undefined {
  const { status, isPage, url, headers } = answer
  const said = `${url.host} answers ${inShort(answer)}`
  if (status >= 500) {
    return failure(`${said}.`, {
      expected: expectedOf(service),
      hint: 'The service is down or failing behind its proxy: look at its process, its log and the proxy in front of it.',
    })
  }
  if (status === 429) {
    return warning(`${said}: it answers, and asks us to wait.`, {
      hint: 'Wait before the next look; other programs on this network may be too busy.',
    })
  }
  if (status >= 300 && status < 400) {
    const location = headers.get('location') ?? ''
    const target = URL.canParse(location, url) ? new URL(location, url).origin : 'nowhere'
    return failure(`${said}, a redirect to ${target}.`, {
      expected: expectedOf(service),
      hint: 'Credentials do not follow redirects: set the address that it leads to.',
    })
  }
  if (isPage) {
    return failure(`${said} with a page for people.`, {
      expected: expectedOf(service),
      hint: 'Something in between has answered (a proxy, a sign-in page of the network), or the address is of something else.',
    })
  }
  if (status === 404) {
    return failure(`${said} for ${url.pathname}.`, {
      expected: expectedOf(service),
      hint: 'The address is probably wrong: compare its path, /api/v1 above all, with the documentation.',
    })
  }
  const isOpen = status < 300 && (service === 'mcpHttp' || service === 'restApi')
  if (isOpen) {
    return failure(`${said} for ${url.pathname} to somebody without a credential.`, {
      expected: expectedOf(service),
      hint: 'Memories must not be readable without a credential: look at the authentication of the service at once.',
    })
  }
  return undefined
}

function expectedOf(service: HttpService): string {
  return service === 'authGateway' ? '200 with its metadata' : '401 without a credential'
}
