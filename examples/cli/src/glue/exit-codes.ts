import type { AuthErrorCode } from '@lanonasis/auth-client'

/** What `doctor` ends with when something is wrong: the gate of a cut-over, and of a monitor. */
export const differs = 9

/** What the process ends with, and for which errors. The README and `--help` show this table. */
export const exitCodes: readonly {
  readonly exit: number
  readonly meaning: string
  readonly codes?: readonly AuthErrorCode[]
}[] = [
  { exit: 0, meaning: 'done' },
  {
    exit: 1,
    meaning: 'it failed, and nobody here can mend it',
    codes: ['server_error', 'invalid_response', 'api_key_left_over'],
  },
  {
    exit: 2,
    meaning: 'the command or a setting is wrong',
    codes: ['config_invalid', 'validation_failed'],
  },
  {
    exit: 3,
    meaning: 'sign in, or give another API key',
    codes: [
      'login_required',
      'login_cancelled',
      'login_timeout',
      'session_expired',
      'state_mismatch',
      'issuer_mismatch',
      'api_key_malformed',
      'api_key_incomplete',
      'api_key_expired',
      'api_key_revoked',
      'api_key_rejected',
    ],
  },
  {
    exit: 4,
    meaning: 'you may not do that',
    codes: ['access_denied', 'forbidden', 'insufficient_scope', 'origin_not_allowed'],
  },
  { exit: 5, meaning: 'there is no such thing', codes: ['not_found'] },
  { exit: 6, meaning: 'there is one already', codes: ['conflict'] },
  {
    exit: 7,
    meaning: 'not now: try again later',
    codes: [
      'network_error',
      'timeout',
      'rate_limited',
      'service_unavailable',
      'refresh_failed',
      'lock_timeout',
    ],
  },
  {
    exit: 8,
    meaning: 'this machine is in the way: a file, a port, a disk',
    codes: ['store_unavailable', 'store_corrupt', 'port_in_use'],
  },
  { exit: differs, meaning: 'doctor has found something that does not work' },
  { exit: 130, meaning: 'Ctrl-C (143: terminated, 129: hung up)', codes: ['aborted'] },
  { exit: 141, meaning: 'the reader of the output has gone' },
]

/** Of a newer version of the library, a code may be unknown here. */
export function exitCodeOf(code: AuthErrorCode): number {
  return exitCodes.find(({ codes }) => codes?.includes(code))?.exit ?? 1
}

export function exitCodesText(): string {
  return exitCodes.map(({ exit, meaning }) => `  ${String(exit).padEnd(4)} ${meaning}`).join('\n')
}
