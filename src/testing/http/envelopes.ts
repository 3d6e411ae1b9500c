import { json } from './answers.ts'
import type { Answer } from './exchange.ts'

/** The forms an error takes, by who answers (CONTRACT §6). */
export type Envelope = 'gateway' | 'edge' | 'old-server'

/** An error, before it is put into a service's form. */
export interface ServiceError {
  readonly status: number
  readonly message: string
  readonly code: string
  readonly details?: unknown
}

/** Writes an error as this service would. */
export function errorAnswer(
  envelope: Envelope,
  error: ServiceError,
  context: { readonly requestId: string; readonly now: number },
): Answer {
  const { status, message, code, details } = error
  const { requestId, now } = context
  switch (envelope) {
    case 'gateway':
      return json(status, { error: message, code, details })
    case 'edge':
      return json(status, {
        error: message,
        code,
        details,
        timestamp: new Date(now).toISOString(),
        request_id: requestId,
      })
    case 'old-server':
      return json(status, {
        error: { message, type: errorType(status), code, details },
        request_id: requestId,
      })
  }
}

function errorType(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  return status < 500 ? 'invalid_request_error' : 'api_error'
}
