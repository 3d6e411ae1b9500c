import { unref } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { LoginContext, LoginGrant } from '../login/flow.ts'
import { runLogin } from '../login/run-login.ts'
import { type Account, type Tokens, withTokens } from '../session/account.ts'
import type { Session } from '../session/session.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'
import { departureOf } from './departure.ts'
import type { LoginOptions } from './options.ts'

/** Longer than any flow takes: who waits for another sign-in waits for its end. */
const loginLockTimeoutMs = 600_000
/** A sign-in that has to wait longer than this says so, ms. */
const silenceMs = 200

/**
 * Signs a person in and stores what it brings. One sign-in at a time, over all who share the store:
 * the others wait for it, and adopt what it brought if that is what they want.
 */
export async function signIn(core: ClientCore, options: LoginOptions): Promise<Session> {
  const { interaction, key, lock } = core.settings
  if (interaction === 'never') {
    throw new AuthError(
      'login_required',
      'A sign-in is needed, and this client may not ask for one.',
    )
  }
  const signal = options.signal ? AbortSignal.any([options.signal, core.closing]) : core.closing
  const before = tokensOf(await core.keeper.reload())
  // A page that signs in whenever nobody is must not go round in circles: it hears what became of it.
  await core.completion?.tell()
  const waiting = setTimeout(() => options.onPrompt?.({ type: 'waiting' }), silenceMs)
  unref(waiting)
  // A lease of its own, because it is held while a person signs in; the session's is free meanwhile.
  const limits = { timeoutMs: loginLockTimeoutMs, signal }
  let running: Promise<void> | undefined
  try {
    await lock.withLock(`${nameOf(key)}#login`, limits, async () => {
      clearTimeout(waiting)
      if (await somebodyElseSignedIn(core, { before, scope: options.scope })) return
      const left = new Promise<void>((leave) => {
        running = runFlow(core, options, { signal, leave })
      })
      // Nobody waits for a person who has left the page: no lock outlives it, and none keeps it from the back button.
      await Promise.race([running, left])
    })
    await running
  } finally {
    clearTimeout(waiting)
  }
  return core.load()
}

/** Whether a sign-in that we waited for brought what this one asks for. One for another scope is not joined. */
async function somebodyElseSignedIn(
  core: ClientCore,
  { before, scope }: { before: Tokens | undefined; scope: string | undefined },
): Promise<boolean> {
  const tokens = tokensOf(await core.keeper.reload())
  if (tokens === undefined || (before !== undefined && isSameSignIn(tokens, before))) return false
  const granted = new Set(tokens.scope?.split(' '))
  const asked = (scope ?? core.settings.scope).split(' ')
  return asked.every((one) => granted.has(one))
}

/** Tokens change with each renewal, the sign-in they come from does not. */
function isSameSignIn(one: Tokens, other: Tokens): boolean {
  return one.signInId === undefined || other.signInId === undefined
    ? one.accessToken.equals(other.accessToken)
    : one.signInId === other.signInId
}

async function runFlow(core: ClientCore, options: LoginOptions, way: LoginWay): Promise<void> {
  await keepGrant(core, await runLogin(core.settings.flows, loginContext(core, options, way)))
}

/** Stores what a sign-in has brought. */
export async function keepGrant(core: ClientCore, grant: LoginGrant): Promise<void> {
  const { origins } = core.settings
  const tokens = { ...grant, origins, signInId: crypto.randomUUID() }
  await core.keeper.update((account) => withTokens(account, tokens))
}

function tokensOf({ session }: Account): Tokens | undefined {
  return session.status === 'signed-in' ? session.tokens : undefined
}

/** How a sign-in ends early: by its signal, or because the person leaves the program for it. */
export interface LoginWay {
  readonly signal: AbortSignal
  readonly leave: () => void
}

export function loginContext(
  core: ClientCore,
  options: LoginOptions,
  { signal, leave }: LoginWay,
): LoginContext {
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
    departure: departureOf(core, { scope, signal, leave }),
  }
}
