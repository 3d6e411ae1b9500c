import { raceSignal, throwIfAborted, unref } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import { explainFlows, type LoginExplanation } from '../login/explain.ts'
import { runLogin } from '../login/run-login.ts'
import type { Account, Tokens } from '../session/account.ts'
import type { Session } from '../session/session.ts'
import { nameOf } from '../store/store.ts'
import type { ClientCore } from './core.ts'
import { keepGrant } from './keep-grant.ts'
import { type LoginWay, loginContext } from './login-context.ts'
import type { LoginOptions, SignInOptions } from './options.ts'

/** Longer than any flow takes, the code of a device above all: who waits for another sign-in waits for its end. */
const loginLockTimeoutMs = 2_000_000
/** A sign-in that has to wait longer than this says so, ms. */
const silenceMs = 1_000

/**
 * Signs a person in and stores what it brings. One sign-in at a time, over all who share the store:
 * the others wait for it, and adopt what it brought if that is what they want.
 */
export async function signIn(core: ClientCore, options: SignInOptions): Promise<Session> {
  const { interaction, key, lock } = core.settings
  if (interaction === 'never') {
    throw new AuthError(
      'login_required',
      'A sign-in is needed, and this client may not ask for one.',
    )
  }
  const broken = new AbortController()
  const signal = AbortSignal.any([signalOf(core, options), broken.signal])
  const before = tokensOf(await raceSignal(core.keeper.reload(), signal))
  // A page that signs in whenever nobody is must not go round in circles: it hears what became of it.
  if (core.completion) await raceSignal(core.completion.tell(), signal)
  const say = () => {
    try {
      options.onPrompt?.({ type: 'waiting', for: 'another-sign-in' })
    } catch (error) {
      // It ends the sign-in, as it does within a flow: thrown out of a timer, it would end the program.
      broken.abort(error)
    }
  }
  const waiting = setTimeout(say, silenceMs)
  unref(waiting)
  // A lease of its own, because it is held while a person signs in; the session's is free meanwhile.
  const limits = { timeoutMs: loginLockTimeoutMs, signal }
  let running: Promise<void> | undefined
  try {
    await lock.withLock(`${nameOf(key)}#login`, limits, async () => {
      clearTimeout(waiting)
      if (await somebodyElseSignedIn(core, { before, scope: options.scope, signal })) return
      const left = new Promise<void>((leave) => {
        running = runFlow(core, options, { signal, leave })
      })
      // Nobody waits for a person who has left the page: no lock outlives it, and none keeps it from the back button.
      await Promise.race([running, left])
    })
    await running
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error
  } finally {
    clearTimeout(waiting)
  }
  return core.load()
}

/** Asks the flows whether they fit, and runs none. */
export async function explainSignIn(
  core: ClientCore,
  options: LoginOptions,
): Promise<LoginExplanation> {
  const signal = signalOf(core, options)
  const flows = await explainFlows(core.settings.flows, loginContext(core, options, { signal }))
  throwIfAborted(signal)
  if (core.settings.interaction === 'never') {
    return { chosen: undefined, flows, reason: 'interaction is never: this client asks nobody' }
  }
  return { chosen: flows.find(({ fits }) => fits)?.name, flows }
}

function signalOf({ closing }: ClientCore, { signal }: LoginOptions): AbortSignal {
  return signal ? AbortSignal.any([signal, closing]) : closing
}

/** Whether a sign-in that we waited for brought what this one asks for. One for another scope is not joined. */
async function somebodyElseSignedIn(
  core: ClientCore,
  {
    before,
    scope,
    signal,
  }: { before: Tokens | undefined; scope: string | undefined; signal: AbortSignal },
): Promise<boolean> {
  const tokens = tokensOf(await raceSignal(core.keeper.readAnew(), signal))
  if (tokens === undefined || (before !== undefined && isSameSignIn(tokens, before))) return false
  const asked = scopesIn(scope ?? core.settings.scope)
  // Where the server decides, any of its decisions is what was asked for (RFC 6749 §3.3).
  if (asked.size === 0) return true
  const granted = scopesIn(tokens.scope ?? '')
  return granted.size === asked.size && [...asked].every((one) => granted.has(one))
}

function scopesIn(text: string): ReadonlySet<string> {
  return new Set(text.split(' ').filter((one) => one !== ''))
}

/** Tokens change with each renewal, the sign-in they come from does not. */
function isSameSignIn(one: Tokens, other: Tokens): boolean {
  return one.signInId === undefined || other.signInId === undefined
    ? one.accessToken.equals(other.accessToken)
    : one.signInId === other.signInId
}

async function runFlow(core: ClientCore, options: SignInOptions, way: LoginWay): Promise<void> {
  await keepGrant(core, await runLogin(core.settings.flows, loginContext(core, options, way)))
}

function tokensOf({ session }: Account): Tokens | undefined {
  return session.status === 'signed-in' ? session.tokens : undefined
}
