import type { Answer } from './exchange.ts'

type HeaderList = Readonly<Record<string, string>>

/** A JSON answer; `undefined` members are left out, as JSON does. */
export function json(status: number, value: unknown, headers: HeaderList = {}): Answer {
  return {
    status,
    headers: [['content-type', 'application/json; charset=utf-8'], ...Object.entries(headers)],
    body: JSON.stringify(value),
  }
}

/** A redirect; the status decides whether the method survives (302 and 303 turn a POST into a GET). */
export function redirect(status: 302 | 303 | 307, location: string): Answer {
  return { status, headers: [['location', location]], body: '' }
}

export function noContent(headers: HeaderList = {}): Answer {
  return { status: 204, headers: Object.entries(headers), body: '' }
}

export function withHeaders(answer: Answer, headers: HeaderList): Answer {
  return { ...answer, headers: [...answer.headers, ...Object.entries(headers)] }
}

/** Answers with a credential in them are never to be kept (RFC 6749 §5.1). */
export const noStore: HeaderList = { 'cache-control': 'no-store', pragma: 'no-cache' }
