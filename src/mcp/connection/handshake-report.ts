import { printableId } from '../../http/request-id.ts'
import type { Attempt } from './attempt.ts'

/** @returns what tells the event of an attempt's handshake, the first time it is called */
export function handshakeReport({ context, url, number }: Attempt) {
  const startedAt = context.now()
  let isReported = false
  return (status: number | undefined, headers?: Headers) => {
    if (isReported) return
    isReported = true
    context.report({
      service: 'mcpWs',
      method: 'GET',
      route: url.pathname,
      status,
      requestId: printableId(headers?.get('x-request-id')),
      attempt: number,
      durationMs: context.now() - startedAt,
    })
  }
}
