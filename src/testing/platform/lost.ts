/** Why a connection came to nothing. */
export type LostReason = 'refused' | 'reset' | 'unknown-host'

const messages = {
  refused: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
  reset: { message: 'other side closed', code: 'UND_ERR_SOCKET' },
  'unknown-host': { message: 'getaddrinfo ENOTFOUND', code: 'ENOTFOUND' },
} as const

/** The error that Node.js has for it. */
export function lostError(reason: LostReason): Error {
  const { message, code } = messages[reason]
  return Object.assign(new Error(message), { code })
}
