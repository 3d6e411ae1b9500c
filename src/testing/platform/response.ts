import type { Answer } from '../http/exchange.ts'
import { lostError } from './lost.ts'
import { streamBody } from './response-stream.ts'

const withoutBody = [101, 103, 204, 205, 304]

/** A `Response` as fetch would give it, with its URL, and broken off in the middle when it was cut. */
export function toResponse(
  answer: Answer,
  options: {
    readonly url: URL
    readonly redirected: boolean
    readonly cut: boolean
    /** Ends a body that goes on. */
    readonly signal: AbortSignal
  },
): Response {
  const { url, redirected, cut, signal } = options
  const headers = new Headers()
  for (const [name, value] of answer.headers) headers.append(name, value)
  const { ongoing } = answer
  const whole = ongoing === undefined ? answer.body : streamBody(ongoing, signal)
  const body = cut ? cutStream(answer.body) : whole
  const response = new Response(withoutBody.includes(answer.status) ? null : body, {
    status: answer.status,
    headers,
  })
  return Object.defineProperties(response, {
    url: { value: url.href },
    redirected: { value: redirected },
  })
}

function cutStream(body: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(body)
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (sent) {
        controller.error(new TypeError('terminated', { cause: lostError('reset') }))
        return
      }
      sent = true
      controller.enqueue(bytes.slice(0, Math.floor(bytes.length / 2)))
    },
  })
}
