/**
 * What each error code means and what a person can do about it. The table is the only place where
 * a code is defined: the type, the defaults and the guide to troubleshooting come from it (`docs/build-troubleshooting.mjs`).
 *
 * `retryable` says that the same call may succeed later without anybody doing anything.
 */
export const errorDefinitions = {
  /**
   * Nobody is signed in, or a sign-in has to begin anew: the code of the last one was used up,
   * interrupted or forgotten. Also what `login()` says with `interaction: 'never'`.
   */
  login_required: {
    retryable: false,
    hint: 'Call login() to sign in; a background call never opens a browser.',
  },
  /** The person gave up: Ctrl-C at the terminal, Cancel in the editor, the back button in a page. */
  login_cancelled: { retryable: false, hint: 'Start the sign-in again when you are ready.' },
  /**
   * Nothing came back within the time limit: five minutes by default, ten in a page, the life of the
   * code with `deviceFlow`.
   */
  login_timeout: {
    retryable: false,
    hint: 'Look at the browser page: when the gateway refuses a request, it says why there and nowhere else. Then sign in again.',
  },
  /** The person, or the server for this person, has said no. */
  access_denied: {
    retryable: false,
    hint: 'Sign in again, and allow the access.',
  },
  /**
   * The `state` of the answer is not the one that was sent (RFC 6749 §10.12): an old link, another tab,
   * or somebody else's answer.
   */
  state_mismatch: {
    retryable: false,
    hint: 'The answer does not belong to this sign-in; start again, and do not reuse an old link.',
  },
  /**
   * The answer, or the metadata, names another issuer than the server that was asked (RFC 9207, RFC
   * 8414 §3.3).
   */
  issuer_mismatch: {
    retryable: false,
    hint: 'The answer came from another authorization server than the one asked; check the endpoints.',
  },
  /**
   * The server has refused the refresh token, and no other program had a newer one. A stored API key
   * stays, and goes on working.
   */
  session_expired: { retryable: false, hint: 'The session has ended; call login() to sign in.' },
  /**
   * The access token has ended and could not be renewed now: no answer, a rate limit, a failure of the
   * server. `retryAfterMs` says when the next attempt makes sense.
   */
  refresh_failed: {
    retryable: true,
    hint: 'The session is kept; try again when the authorization server answers.',
  },
  /**
   * The token lacks a scope that the request needs, or the server refuses one that was asked for.
   * `missingScope` names it, where the service does.
   */
  insufficient_scope: {
    retryable: false,
    hint: 'Sign in again and ask for the scope that the request needs.',
  },
  /**
   * The service knows who asks and does not allow it (403): another project's data, a role that is
   * missing.
   */
  forbidden: {
    retryable: false,
    hint: 'The credential is good, but this account may not do that.',
  },
  /** The text is no API key: white space or quotes in it, a JWT, an unknown form. Nothing was sent. */
  api_key_malformed: {
    retryable: false,
    hint: 'Copy the whole API key from the dashboard again (pk_….sk_… or lano_…).',
  },
  /** Only `pk_…` or only `sk_…` was given. Nothing was sent. */
  api_key_incomplete: {
    retryable: false,
    hint: 'A key has two halves, pk_….sk_…: copy the full string, not one of them.',
  },
  /**
   * The gateway says that the key has ended. A key that `apiKeys.ensure` has made is replaced by itself
   * while a session lasts.
   */
  api_key_expired: { retryable: false, hint: 'Create a new API key.' },
  /** Key management says that the key was revoked. */
  api_key_revoked: { retryable: false, hint: 'Create a new API key.' },
  /**
   * The service and the gateway do not accept the key, and nobody says why: deleted, mistyped, or of
   * another deployment.
   */
  api_key_rejected: {
    retryable: false,
    hint: 'The service does not accept this API key; check it, or create a new one.',
  },
  /**
   * A new API key did not get to where it was to be used, and could not be revoked either. The message and
   * the hint name it by its id; `cause` says why it could not be used, `status` how the revocation was refused.
   */
  api_key_left_over: { retryable: false, hint: 'Revoke the key that is named: nobody uses it.' },
  /**
   * The service answered 404 or 410: no such record for this account, or a route that this deployment
   * has not.
   */
  not_found: { retryable: false, hint: 'Nothing with this id is visible to this account.' },
  /** The service answered 409, as for the name of an API key that is taken. */
  conflict: { retryable: false, hint: 'Something with this name exists already; choose another.' },
  /** The service, or this library before it sent anything, refuses a value. The message names it. */
  validation_failed: { retryable: false, hint: 'Correct the value that is named, and try again.' },
  /**
   * The service answered 429, or has asked to wait and the time is not over. The gateway allows 5 token
   * requests in 15 minutes per address, over all programs there.
   */
  rate_limited: { retryable: true, hint: 'Wait as long as retryAfterMs says, then try again.' },
  /** The service answered 500 or another 5xx that is no outage. */
  server_error: { retryable: false, hint: 'The service failed; report the request id.' },
  /**
   * 502, 503 or 504; or a 401 that proves nothing, because the gateway calls the credential good or
   * cannot be asked; or, in place of tokens, the web page of a proxy.
   */
  service_unavailable: { retryable: true, hint: 'The service is not available now; try later.' },
  /**
   * No connection: name, port, certificate or proxy. The system's own code is in the message. With a
   * certificate's code `retryable` is `false`.
   */
  network_error: {
    retryable: true,
    hint: 'Check the network connection and the address of the service.',
  },
  /** No answer within `timeoutMs`, 10 seconds by default. The service may have acted all the same. */
  timeout: { retryable: true, hint: 'The service took too long; try again.' },
  /** A `signal` fired, or the client was closed. */
  aborted: { retryable: false, hint: 'The caller cancelled the operation.' },
  /**
   * The answer is not what the contract says: HTML of a proxy, a redirect where none may be, a newer
   * service.
   */
  invalid_response: {
    retryable: false,
    hint: 'The service answered in a form this version does not know; check the endpoints and update.',
  },
  /**
   * A setting cannot work: an option, a variable, a field of the config file, or a client or redirect
   * that the gateway does not know. The message names which.
   */
  config_invalid: { retryable: false, hint: 'Correct the setting that is named.' },
  /**
   * The place where credentials are kept cannot be read or written: permissions, a full disk, a locked
   * keychain, no connection to Redis. Nothing was sent that could not be kept.
   */
  store_unavailable: {
    retryable: true,
    hint: 'Make the place where credentials are kept readable and writable; nothing was lost.',
  },
  /** What is stored cannot be understood. It was set aside and not overwritten; the message says where. */
  store_corrupt: {
    retryable: false,
    hint: 'The unreadable file was set aside; repair it, or sign in again.',
  },
  /** The lock on the credentials was not free in time. A process that has died gives it up by itself. */
  lock_timeout: {
    retryable: true,
    hint: 'Another process is busy with the same credentials; try again.',
  },
  /**
   * The address belongs to no service that the credential is for: a typing error, a redirect to
   * elsewhere, or an address from a config file that the credential was not obtained for.
   */
  origin_not_allowed: {
    retryable: false,
    hint: 'Credentials go only to the services they were issued for; check the address.',
  },
  /** Each port that the sign-in may come back to is taken. */
  port_in_use: {
    retryable: false,
    hint: 'Close the program that uses the port, or choose other ports.',
  },
} as const satisfies Record<string, { retryable: boolean; hint: string }>

/** The stable codes of {@link AuthError}. New ones may be added; a code never changes its meaning. */
export type AuthErrorCode = keyof typeof errorDefinitions
