// Loaded with the first socket, stream or transport.
import { AuthError } from '../errors/auth-error.ts'
import type { Credential } from '../http/credentialed-fetch.ts'
import type { ConnectionContext, McpContext } from '../mcp/context.ts'
import { Secret } from '../secret/secret.ts'
import type { Account } from '../session/account.ts'
import type { Session } from '../session/session.ts'
import { loginRequired } from '../session/session-errors.ts'
import type { ClientCore } from './core.ts'

/** What a connection to any server needs of its client. */
export async function connectionContext(core: ClientCore): Promise<ConnectionContext> {
  const { browser, now, timeoutMs, webSockets } = core.settings
  const { fetch, patientFetch, credentialFor, judge } = await core.requests()
  return {
    fetch,
    patientFetch,
    webSockets,
    browser,
    timeoutMs,
    now,
    random: Math.random,
    credentialFor,
    judge,
    onSignOut({ type: first }, listener) {
      let type = first
      let before = nameOf({ type }, core.keeper.known)
      // Told once of each change: a transport goes on in the new name.
      return core.events.on('session', (session) => {
        const { status, apiKey } = session
        if (status === 'loading') return
        if (status !== 'signed-in' && isGone({ type }, session)) return listener(loginRequired())
        // Whose key is gone goes on with the session, where there is one, and with a key once there is one again.
        const next = first === 'api-key' && apiKey === undefined ? 'bearer' : first
        const now = nameOf({ type: next }, core.keeper.known)
        if (next === type && !isOther(before, now)) return
        type = next
        before = now
        listener(replaced())
      })
    },
    report: (event) => core.events.emit('request', event),
    closing: core.closing,
  }
}

/** What `client.mcp` needs of its client. */
export async function mcpContext(core: ClientCore): Promise<McpContext> {
  const { endpoints } = core.settings
  if (endpoints === undefined) {
    throw new AuthError('config_invalid', 'This client knows no Lanonasis services.')
  }
  return { ...(await connectionContext(core)), endpoints: endpoints.urls }
}

/** In whose name a credential speaks: the key, or the sign-in that all tokens renewed from it share. */
function nameOf(
  { type }: Pick<Credential, 'type'>,
  account: Account | undefined,
): Secret | string | undefined {
  if (type === 'api-key') return account?.apiKey?.secret
  if (account?.session.status !== 'signed-in') return undefined
  // Tokens of the time before sign-ins had an id, and what was renewed from them.
  return account.session.tokens.signInId ?? 'unnamed'
}

/** None is no other one: a key may be the caller's own word, and a session that has ended is still theirs. */
function isOther(before: Secret | string | undefined, now: Secret | string | undefined): boolean {
  if (before === undefined || now === undefined) return false
  return before instanceof Secret && now instanceof Secret ? !before.equals(now) : before !== now
}

function replaced(): AuthError {
  return new AuthError(
    'network_error',
    'The connection ended: another credential is in use by now.',
  )
}

/** An ended session is not a sign-out: the service says itself when it takes the token no longer. */
function isGone({ type }: Pick<Credential, 'type'>, { status, apiKey, legacy }: Session): boolean {
  return type === 'api-key' ? apiKey === undefined : status === 'signed-out' && !legacy
}
