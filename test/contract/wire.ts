import nock from 'nock'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'

/** What a request has to be. What is not named here must not be in it. */
export interface ExpectedRequest {
  /** The one credential, as its header has it. Without: none at all. */
  readonly credential?: Credential
  /** The body as JSON, with the content type that goes with it. */
  readonly json?: unknown
  /** The body as a form, with the content type that goes with it. */
  readonly form?: Readonly<Record<string, unknown>>
  /** The query, where its values are not known beforehand. */
  readonly query?: Readonly<Record<string, unknown>>
  /** Headers besides those that every request may have. */
  readonly headers?: Readonly<Record<string, unknown>>
}

export type Credential = `authorization: Bearer ${string}` | `x-api-key: ${string}`

/** What the service says. An object as `body` goes out as JSON, a text as it is. */
export interface WireAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A request as it went out, in the terms of {@link ExpectedRequest}. */
interface SeenRequest extends Omit<ExpectedRequest, 'credential'> {
  readonly request: string
  readonly credentials: readonly string[]
}

/** The wire of one test: what is expected on it, and what was seen. */
export interface Wire {
  /**
   * Expects one request, such as `GET https://mcp.lanonasis.com/api/v1/memory?limit=2`, and answers it.
   * Requests of one route are answered in the order in which they were expected.
   */
  expect(
    request: string,
    expected: ExpectedRequest,
    answer: WireAnswer | NodeJS.ErrnoException,
  ): void
  /** What was asked until now. */
  readonly seen: readonly SeenRequest[]
}

const credentialHeaders = ['authorization', 'x-api-key', 'proxy-authorization'] as const

/** What every request may have; `x-request-id` has to be a new id. */
const plainHeaders = new Set(['accept', 'content-type', 'content-length', 'host', 'user-agent'])

/**
 * Puts nock between global fetch and the network for the tests of this file. After each test all that
 * was expected has to have been asked, in this order, whole, and nothing else; no socket is opened.
 */
export function useWire(): Wire {
  let expected: unknown[] = []
  let seen: SeenRequest[] = []
  const ids = new Set<string>()

  const onStranger = ({ method = '', path = '' }: { method?: string; path?: string }) => {
    seen.push({ request: `${method} ${path}`, credentials: ['not expected at all'] })
  }

  beforeEach(() => {
    expected = []
    seen = []
    nock.disableNetConnect()
    nock.emitter.on('no match', onStranger)
  })

  afterEach(() => {
    nock.emitter.off('no match', onStranger)
    const done = nock.isDone()
    nock.cleanAll()
    expect(seen).toStrictEqual(expected)
    expect(done).toBe(true)
  })

  afterAll(() => nock.restore())

  return {
    get seen() {
      return seen
    },

    expect(request, { credential, query, ...rest }, answer) {
      const [method = '', address = ''] = request.split(' ')
      const url = new URL(address)
      expected.push({
        request: `${method} ${url.origin}${url.pathname}`,
        credentials: credential === undefined ? [] : [credential],
        ...shape({ query: query ?? fieldsOf(url.searchParams), ...rest }),
      })
      const interceptor = nock(url.origin).intercept(url.pathname, method).query(true)
      interceptor.reply(function (path, body, respond) {
        seen.push(describe({ method, url: new URL(path, url.origin), body, ids }, this.req.headers))
        if (answer instanceof Error) respond(answer, [500])
        else respond(null, [answer.status, textOf(answer.body), headersOf(answer)])
      })
    },
  }
}

function describe(
  { method, url, body, ids }: { method: string; url: URL; body: unknown; ids: Set<string> },
  received: Readonly<Record<string, string | string[]>>,
): SeenRequest {
  const headers = new Map(Object.entries(received).map(([name, value]) => [name, String(value)]))
  const credentials = credentialHeaders
    .filter((name) => headers.has(name))
    .map((name) => `${name}: ${headers.get(name)}`)
  const id = headers.get('x-request-id')
  const newId = id !== undefined && /^[0-9a-f-]{36}$/.test(id) && !ids.has(id)
  if (id !== undefined) ids.add(id)
  const others = [...headers].filter(
    ([name]) =>
      !plainHeaders.has(name) &&
      !credentialHeaders.some((known) => known === name) &&
      !(name === 'x-request-id' && newId),
  )
  return {
    request: `${method} ${url.origin}${url.pathname}`,
    credentials,
    ...shape({
      query: fieldsOf(url.searchParams),
      ...bodyOf(body, headers.get('content-type')),
      headers: Object.fromEntries(others),
    }),
  }
}

function bodyOf(body: unknown, contentType: string | undefined): Record<string, unknown> {
  if (body === '' && contentType === undefined) return {}
  const [type] = (contentType ?? '').split(';', 1)
  if (type === 'application/json' && typeof body === 'object') return { json: body }
  if (type === 'application/x-www-form-urlencoded') {
    return { form: fieldsOf(new URLSearchParams(String(body))) }
  }
  return { body, contentType }
}

/** Each field once; one that was given several times is a list. */
function fieldsOf(parameters: URLSearchParams): Record<string, unknown> {
  const names = new Set(parameters.keys())
  return Object.fromEntries(
    [...names].map((name) => {
      const values = parameters.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}

/** Without what is empty or not there, so that both sides are written alike. */
function shape(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) =>
        value !== undefined &&
        !((name === 'query' || name === 'headers') && Object.keys(value ?? {}).length === 0),
    ),
  )
}

function textOf(body: unknown): string {
  return body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
}

function headersOf({ body, headers }: WireAnswer): Record<string, string> {
  const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {}
  return { ...type, ...headers }
}
