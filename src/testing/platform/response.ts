import type { Answer } from '../http/exchange.ts'

const withoutBody = [101, 103, 204, 205, 304]

/** A `Response` as fetch would give it, with its URL, and broken off in the middle when it was cut. */
export function toResponse(
  answer: Answer,
  {
    url,
    redirected,
    cut,
  }: { readonly url: URL; readonly redirected: boolean; readonly cut: boolean },
): Response {
  const headers = new Headers()
  for (const [name, value] of answer.headers) headers.append(name, value)
  const body = cut ? cutStream(answer.body) : answer.body
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
        const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
        controller.error(new TypeError('terminated', { cause }))
        return
      }
      sent = true
      controller.enqueue(bytes.slice(0, Math.floor(bytes.length / 2)))
    },
  })
}
