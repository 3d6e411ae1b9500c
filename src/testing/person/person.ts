import type { Answer } from '../http/exchange.ts'
import { cookieHeader, keepCookie, type PlatformBrowser } from './browser.ts'
import { type Form, readForm, readText } from './form.ts'

/** How a person's browser reaches the gateway: in process, or over the network. */
export type Transport = (request: {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly text: string
}) => Promise<Answer>

/** What a person knows and wants. */
export interface Person {
  readonly browser: PlatformBrowser
  readonly email: string
  readonly password: string
  /** The code that a device shows. */
  readonly userCode: string | undefined
  readonly decline: boolean
}

/** Where a walk through pages ends: at another site, which is not visited, or on a page without a form. */
export type Destination =
  | { readonly type: 'left'; readonly url: string }
  | { readonly type: 'page'; readonly text: string }

const maximalSteps = 20

/**
 * Walks from a page of the gateway through its forms, as a person would.
 * @throws Error with what the page says, when the gateway shows an error (★10).
 */
export async function walk(transport: Transport, start: URL, person: Person): Promise<Destination> {
  let next: Step = { method: 'GET', url: start, text: '' }
  for (let step = 0; step < maximalSteps; step++) {
    const { url } = next
    const answer = await send(transport, { ...next, browser: person.browser })
    const location = header(answer, 'location')
    if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
      const target = new URL(location, url)
      if (target.origin !== start.origin) return { type: 'left', url: target.href }
      next = { method: 'GET', url: target, text: '' }
      continue
    }
    const isHtml = header(answer, 'content-type')?.startsWith('text/html') ?? false
    const text = isHtml ? readText(answer.body) : answer.body
    if (answer.status >= 400) {
      throw new Error(
        `The gateway shows an error page (${answer.status} at ${url.pathname}): ${text}`,
      )
    }
    const form = isHtml ? readForm(answer.body) : undefined
    if (form === undefined) return { type: 'page', text }
    next = submit(form, { page: url, person })
  }
  throw new Error(`The gateway sent the browser around ${maximalSteps} times.`)
}

interface Step {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly text: string
}

async function send(
  transport: Transport,
  { method, url, text, browser }: Step & { readonly browser: PlatformBrowser },
): Promise<Answer> {
  const headers = new Headers({ accept: 'text/html' })
  if (method === 'POST') {
    headers.set('content-type', 'application/x-www-form-urlencoded')
    headers.set('origin', url.origin)
  }
  const cookie = cookieHeader(browser, url)
  if (cookie !== undefined) headers.set('cookie', cookie)
  const answer = await transport({ method, url, headers, text })
  for (const [name, value] of answer.headers) {
    if (name.toLowerCase() === 'set-cookie') keepCookie(browser, { url, header: value })
  }
  return answer
}

function submit(
  form: Form,
  { page, person }: { readonly page: URL; readonly person: Person },
): Step {
  const known: Readonly<Record<string, string | undefined>> = {
    email: person.email,
    password: person.password,
    code: person.userCode,
  }
  const values = new URLSearchParams()
  for (const { name, value } of form.fields) values.append(name, known[name] ?? value)
  const wanted = person.decline ? 'deny' : 'allow'
  const button = form.buttons.find(({ value }) => value === wanted)
  if (button !== undefined) values.append(button.name, button.value)

  const url = new URL(form.action, page)
  if (form.method === 'post') return { method: 'POST', url, text: values.toString() }
  url.search = values.toString()
  return { method: 'GET', url, text: '' }
}

function header(answer: Answer, wanted: string): string | undefined {
  return answer.headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
}
