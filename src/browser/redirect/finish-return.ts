import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { isFields, textOf } from '../../json/fields.ts'
import type { LoginContext, ReturnedGrant, SuspendedAuthorization } from '../../login/flow.ts'
import { cleanAddress } from './address.ts'
import { isOver } from './life.ts'
import type { RedirectPage } from './page.ts'
import type { RedirectFlowOptions } from './redirect-flow.ts'
import { changeTransaction, readTransactions, type Transaction } from './transactions.ts'

interface Return {
  readonly account: string
  readonly state: string
  /** Where it could not be put away. */
  readonly answer?: string | undefined
  readonly context: LoginContext
  readonly onReturn: RedirectFlowOptions['onReturn']
}

/**
 * Uses an answer. What it needs is gone from the storage before its code is sent: whatever happens then,
 * no second use of a code is possible (RFC 6749 §4.1.2 lets servers revoke everything for one).
 */
export async function finishReturn(
  page: RedirectPage,
  { account, state, context, onReturn, ...given }: Return,
): Promise<ReturnedGrant> {
  const transaction = readTransactions(page, account)[state]
  if (transaction === undefined) return { lost: usedBefore() }
  const { step, startedAt, returnTo, answer = given.answer } = transaction
  const suspended = suspendedOf(state, transaction)
  const put = (next: Transaction['step']) =>
    changeTransaction(page, { account, state }, { step: next, startedAt, returnTo })
  const done = () => {
    try {
      put('done')
    } catch {
      // A place that takes nothing more: a later life of the page says that this one was interrupted.
    }
  }
  if (step === 'used') {
    done()
    return { lost: lost('The sign-in was interrupted before it was done.') }
  }
  const isOpen = step === 'answered' || (step === 'sent' && given.answer !== undefined)
  if (!isOpen || suspended === undefined || answer === undefined) {
    return { lost: usedBefore() }
  }
  if (isOver(transaction, context.now())) {
    done()
    throw new AuthError('login_timeout', 'The sign-in took longer than ten minutes.', {
      hint: 'Sign in again.',
    })
  }
  try {
    put('used')
  } catch (error) {
    throw new AuthError('store_unavailable', 'This page may not write its sessionStorage.', {
      cause: error,
      hint: 'Allow this site to store data, or make room, and sign in again.',
    })
  }
  try {
    return {
      grant: await context.departure.finish(suspended, new URL(answer)),
      afterwards: suspended.afterwards,
      stored() {
        done()
        // Its own mistakes are its own: the session is stored.
        if (onReturn !== undefined) queueMicrotask(() => onReturn(returnTo))
      },
    }
  } catch (error) {
    const known = isAuthError(error) ? error : undefined
    // The page may be ending: the next life of it says that this one was interrupted.
    const mayHaveEnded = known !== undefined && mayBeUsedUp(known)
    if (!mayHaveEnded) done()
    if (known === undefined || !(mayHaveEnded || known.retryable)) throw error
    const { code, message, status, requestId, retryAfterMs } = known
    throw new AuthError(code, message, {
      cause: known.cause,
      status,
      requestId,
      retryAfterMs,
      retryable: false,
      hint: 'Sign in again: the code of this sign-in is not sent twice.',
    })
  } finally {
    cleanAgain(page, { state, returnTo })
  }
}

/** A router that has read the address before it was cleaned writes it back when it starts: that of Next.js does. */
function cleanAgain(page: RedirectPage, { state, returnTo }: { state: string; returnTo: string }) {
  const { searchParams } = new URL(page.location.href)
  if (searchParams.getAll('state').includes(state)) cleanAddress(page, returnTo)
}

/** What other scripts of this origin may have changed: then the answer is of no use. */
function suspendedOf(
  state: string,
  { suspended }: Transaction,
): SuspendedAuthorization | undefined {
  if (!isFields(suspended)) return undefined
  const redirectUri = textOf(suspended.redirectUri)
  // Empty where the server decides.
  const scope = textOf(suspended.scope) ?? ''
  const verifier = textOf(suspended.verifier)
  return redirectUri === undefined || verifier === undefined
    ? undefined
    : { state, redirectUri, scope, verifier, afterwards: suspended.afterwards }
}

function mayBeUsedUp({ code }: AuthError): boolean {
  return code === 'network_error' || code === 'timeout' || code === 'aborted'
}

function usedBefore(): AuthError {
  return lost('The answer of this sign-in was used before.')
}

function lost(message: string): AuthError {
  return new AuthError('login_required', message, {
    hint: 'Sign in again; an answer of the server can be used once.',
  })
}
