import { AuthError } from '../errors/auth-error.ts'
import type { LoginContext, LoginGrant } from '../login/flow.ts'
import { runLogin } from '../login/run-login.ts'
import type { Session } from '../session/session.ts'
import type { ClientCore } from './core.ts'
import type { LoginOptions } from './options.ts'

/** Longer than any flow takes: who waits for another sign-in waits for its end. */
const loginLockTimeoutMs = 600_000

/** Signs a person in and stores what it brings. One sign-in at a time. */
export async function signIn(core: ClientCore, options: LoginOptions): Promise<Session> {
  const { interaction, flows, origins } = core.settings
  if (interaction === 'never') {
    throw new AuthError(
      'login_required',
      'A sign-in is needed, and this client may not ask for one.',
    )
  }
  const signal = options.signal ? AbortSignal.any([options.signal, core.closing]) : core.closing
  await core.loginLock.withLock('login', { timeoutMs: loginLockTimeoutMs, signal }, async () => {
    const grant = await runLogin(flows, loginContext(core, options, signal))
    await core.keeper.update((account) => ({
      ...account,
      session: { status: 'signed-in', tokens: { ...grant, origins } },
    }))
  })
  return core.load()
}

function loginContext(core: ClientCore, options: LoginOptions, signal: AbortSignal): LoginContext {
  const { clientId, server, now } = core.settings
  const scope = options.scope ?? core.settings.scope
  const { onPrompt } = options
  return {
    clientId,
    issuer: server.issuer,
    lanonasis: !server.discover,
    signal,
    now,
    canPrompt: onPrompt !== undefined,
    prompt: (prompt) => onPrompt?.(prompt),
    authorize: async ({ redirectUri }) => {
      const { oauth, context } = await core.oauth(signal)
      const transaction = await oauth.startAuthorization(context, { redirectUri, scope })
      const url = await oauth.preflight(context, transaction)
      return {
        url,
        state: transaction.state,
        finish: (callback): Promise<LoginGrant> =>
          oauth.finishAuthorization(context, transaction, callback),
      }
    },
  }
}
