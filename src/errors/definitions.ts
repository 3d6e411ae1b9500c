/**
 * What each error code means and what a person can do about it. The table is the only place where
 * a code is defined: the type, the defaults and the documentation come from it.
 *
 * `retryable` says that the same call may succeed later without anybody doing anything.
 */
export const errorDefinitions = {
  login_required: {
    retryable: false,
    hint: 'Call login() to sign in; a background call never opens a browser.',
  },
  login_cancelled: { retryable: false, hint: 'Start the sign-in again when you are ready.' },
  login_timeout: {
    retryable: false,
    hint: 'Look at the browser page: when the gateway refuses a request, it says why there and nowhere else. Then sign in again.',
  },
  access_denied: {
    retryable: false,
    hint: 'Sign in again, and allow the access.',
  },
  state_mismatch: {
    retryable: false,
    hint: 'The answer does not belong to this sign-in; start again, and do not reuse an old link.',
  },
  issuer_mismatch: {
    retryable: false,
    hint: 'The answer came from another authorization server than the one asked; check the endpoints.',
  },
  session_expired: { retryable: false, hint: 'The session has ended; call login() to sign in.' },
  refresh_failed: {
    retryable: true,
    hint: 'The session is kept; try again when the authorization server answers.',
  },
  insufficient_scope: {
    retryable: false,
    hint: 'Sign in again and ask for the scope that the request needs.',
  },
  forbidden: {
    retryable: false,
    hint: 'The credential is good, but this account may not do that.',
  },
  api_key_malformed: {
    retryable: false,
    hint: 'Copy the whole API key from the dashboard again (pk_….sk_… or lano_…).',
  },
  api_key_incomplete: {
    retryable: false,
    hint: 'A key has two halves, pk_….sk_…: copy the full string, not one of them.',
  },
  api_key_expired: { retryable: false, hint: 'Create a new API key.' },
  api_key_revoked: { retryable: false, hint: 'Create a new API key.' },
  api_key_rejected: {
    retryable: false,
    hint: 'The service does not accept this API key; check it, or create a new one.',
  },
  not_found: { retryable: false, hint: 'Nothing with this id is visible to this account.' },
  conflict: { retryable: false, hint: 'Something with this name exists already; choose another.' },
  validation_failed: { retryable: false, hint: 'Correct the value that is named, and try again.' },
  rate_limited: { retryable: true, hint: 'Wait as long as retryAfterMs says, then try again.' },
  server_error: { retryable: false, hint: 'The service failed; report the request id.' },
  service_unavailable: { retryable: true, hint: 'The service is not available now; try later.' },
  network_error: {
    retryable: true,
    hint: 'Check the network connection and the address of the service.',
  },
  timeout: { retryable: true, hint: 'The service took too long; try again.' },
  aborted: { retryable: false, hint: 'The caller cancelled the operation.' },
  invalid_response: {
    retryable: false,
    hint: 'The service answered in a form this version does not know; check the endpoints and update.',
  },
  config_invalid: { retryable: false, hint: 'Correct the setting that is named.' },
  store_unavailable: {
    retryable: true,
    hint: 'Make the place where credentials are kept readable and writable; nothing was lost.',
  },
  store_corrupt: {
    retryable: false,
    hint: 'The unreadable file was set aside; repair it, or sign in again.',
  },
  lock_timeout: {
    retryable: true,
    hint: 'Another process is busy with the same credentials; try again.',
  },
  origin_not_allowed: {
    retryable: false,
    hint: 'Credentials go only to the services they were issued for; check the address.',
  },
  port_in_use: {
    retryable: false,
    hint: 'Close the program that uses the port, or choose other ports.',
  },
} as const satisfies Record<string, { retryable: boolean; hint: string }>

/** The stable codes of {@link AuthError}. New ones may be added; a code never changes its meaning. */
export type AuthErrorCode = keyof typeof errorDefinitions
