import type { ServiceName } from '../../endpoints/presets.ts'
import { joinUrl } from '../../endpoints/url.ts'
import { type Answered, inShort } from '../ask.ts'
import { type Check, failed, failure, limited, ok, type Result, skipped } from '../check.ts'
import type { CheckContext } from '../context.ts'

/** A request as a page would send it, and what the page needs to be told. */
interface PageRequest {
  readonly service: ServiceName
  readonly url: URL
  readonly method: string
  /** Headers that need leave (the Fetch standard's CORS-preflight). */
  readonly headers: readonly string[]
}

const addToList =
  'Add this origin to the list of the gateway; until then a page of it cannot sign in.'

/** Whether a page of an origin may call the services (★8, ★28). */
export const corsCheck: Check = {
  id: 'cors',
  title: 'A page of the origin that is given may call the services',
  async run(context) {
    const { origin: given, settings } = context
    if (settings.browser) {
      return [skipped('In a page the browser decides: run the check from a program, with origin.')]
    }
    if (given === undefined) return [skipped('No origin of a page was given (origin).')]
    const origin = parseOrigin(given)
    if (origin === undefined) {
      return [
        failure('The origin that was given is none.', {
          expected: 'scheme, host and port, such as https://dashboard.lanonasis.com',
          hint: 'Give the origin without a path.',
        }),
      ]
    }
    const asked = requestsOfPage(context).map((request) => preflight(context, request, origin))
    const found = await Promise.all([...asked, simple(context, origin)])
    return found.flat()
  },
}

function parseOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, pathname, search, hash } = new URL(text)
  return origin !== 'null' && pathname === '/' && search === '' && hash === '' ? origin : undefined
}

/** What this library sends from a page: nothing optional (★8), and never `Last-Event-ID` (★28). */
function requestsOfPage({ endpoints: { urls } }: CheckContext): readonly PageRequest[] {
  return [
    {
      service: 'authGateway',
      url: joinUrl(urls.authGateway, 'oauth/token'),
      method: 'POST',
      headers: ['content-type'],
    },
    {
      service: 'mcpHttp',
      url: joinUrl(urls.mcpHttp, 'memory'),
      method: 'POST',
      headers: ['authorization', 'content-type'],
    },
    {
      service: 'mcpHttp',
      url: joinUrl(urls.mcpHttp, 'memory/doctor'),
      method: 'PUT',
      headers: ['authorization', 'content-type'],
    },
    {
      service: 'mcpHttp',
      url: joinUrl(urls.mcpHttp, 'memory/doctor'),
      method: 'DELETE',
      headers: ['authorization'],
    },
    {
      service: 'mcpSse',
      url: new URL(urls.mcpSse),
      method: 'GET',
      headers: ['authorization'],
    },
    {
      service: 'restApi',
      url: joinUrl(urls.restApi, 'memory'),
      method: 'GET',
      headers: ['authorization'],
    },
  ]
}

async function preflight(
  { ask }: CheckContext,
  { service, url, method, headers }: PageRequest,
  origin: string,
): Promise<Result> {
  const answer = await ask({
    service,
    url,
    method: 'OPTIONS',
    headers: {
      accept: '*/*',
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': headers.join(','),
    },
  })
  if (answer.type === 'unanswered') return failed(answer.error, { service })
  const what = `Before ${method} ${url.pathname} at ${url.host}`
  const problem = refusalOf(answer, { origin, what, service })
  if (problem !== undefined) return problem
  if (answer.status < 200 || answer.status >= 300) {
    return failure(`${what}: the preflight is answered with ${inShort(answer)}.`, {
      service,
      expected: '204',
      hint: 'A browser takes no other status than 2xx: let OPTIONS be answered before anything asks for a credential.',
    })
  }
  const allowed = listOf(answer, 'access-control-allow-headers').map((name) => name.toLowerCase())
  const missing = headers.filter((name) => !covers(allowed, name))
  if (missing.length > 0) {
    return failure(`${what}: ${missing.join(', ')} is not allowed.`, {
      service,
      expected: `Access-Control-Allow-Headers with ${headers.join(', ')}`,
      hint: 'Add the header to the CORS settings of the service: this library sends nothing that it can do without.',
    })
  }
  const methods = listOf(answer, 'access-control-allow-methods')
  if ([method, '*'].some((each) => methods.includes(each)) || isSimple(method)) {
    return ok(`${what}: ${origin} may.`, { service })
  }
  return failure(`${what}: the method is not allowed.`, {
    service,
    expected: `Access-Control-Allow-Methods with ${method}`,
    hint: 'Add the method to the CORS settings of the service: a page changes memories with PUT, and deletes them with DELETE.',
  })
}

/** A request that needs no leave: its answer must still be readable. */
async function simple({ ask, endpoints }: CheckContext, origin: string): Promise<Result> {
  const service = 'authGateway'
  const url = joinUrl(endpoints.urls[service], 'oauth/authorize')
  const answer = await ask({ service, url, headers: { origin } })
  if (answer.type === 'unanswered') return failed(answer.error, { service })
  const what = `GET ${url.pathname} at ${url.host}`
  return (
    refusalOf(answer, { origin, what, service }) ??
    ok(`${what}: ${origin} may read it.`, { service })
  )
}

function refusalOf(
  answer: Answered,
  {
    origin,
    what,
    service,
  }: { readonly origin: string; readonly what: string; readonly service: ServiceName },
): Result | undefined {
  const { status, headers } = answer
  const expected = `Access-Control-Allow-Origin: ${origin}`
  const isGateway = service === 'authGateway'
  if (status === 429) return limited(answer, { about: what, service })
  if (status >= 500) {
    // The gateway fails so for origins that are not on its list; a proxy before it has words of its own.
    const isList = isGateway && status === 500
    const hint = isList ? addToList : 'Look at the log of the service for this request.'
    return failure(`${what}: ${origin} gets ${inShort(answer)}.`, { service, expected, hint })
  }
  const allowed = headers.get('access-control-allow-origin')
  if (allowed === origin || allowed === '*') return undefined
  const said = allowed === null ? 'is not told that it may' : 'is told that others may'
  const hint = isGateway ? addToList : 'Add this origin to the CORS settings of the service.'
  return failure(`${what}: ${origin} ${said}.`, { service, expected, hint })
}

/** Needs no leave (the Fetch standard's CORS-safelisted method). */
function isSimple(method: string): boolean {
  return ['GET', 'HEAD', 'POST'].includes(method)
}

/** As it is written: a browser takes `put` for another method than `PUT` (the Fetch standard, methods). */
function listOf({ headers }: Answered, name: string): readonly string[] {
  return (headers.get(name) ?? '').split(',').map((each) => each.trim())
}

/** A star stands for every header but `Authorization` (the Fetch standard, CORS non-wildcard request-header name). */
function covers(allowed: readonly string[], name: string): boolean {
  return allowed.includes(name) || (allowed.includes('*') && name !== 'authorization')
}
