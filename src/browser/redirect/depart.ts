import { abortedError, throwIfAborted } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import type { FlowAvailability, LoginContext } from '../../login/flow.ts'
import { isOver } from './life.ts'
import type { RedirectPage } from './page.ts'
import type { RedirectFlowOptions } from './redirect-flow.ts'
import { readTransactions, type Transactions, writeTransactions } from './transactions.ts'

/** A browser that has not left by then will not: the person stopped it, or stayed when the page asked. */
const leavingMs = 30_000

/** Whether a page can be left for a sign-in, and come back to. */
export function judgePage(page: RedirectPage | undefined): FlowAvailability {
  const reason =
    page === undefined
      ? 'there is no page here; call login() in a browser'
      : page.top !== page.self
        ? 'this page is in a frame, and sign-in pages open in none'
        : page.isSecureContext
          ? undefined
          : 'this page is not served over https'
  return reason === undefined ? { ok: true } : { ok: false, reason }
}

/** Leaves the page for the sign-in. @returns never, when all goes well: the page ends */
export async function depart(
  page: RedirectPage,
  { context, options }: { readonly context: LoginContext; readonly options: RedirectFlowOptions },
): Promise<never> {
  const { departure, signal, now } = context
  const redirectUri = redirectUriOf(page, options)
  const { account } = departure
  // Before anything is asked for at the server: what cannot be remembered cannot be finished.
  keep(page, { account, now: now() })
  const { url, suspended } = await departure.start({ redirectUri })
  throwIfAborted(signal)
  const { pathname, search, hash } = new URL(page.location.href)
  const transaction = {
    step: 'sent',
    startedAt: now(),
    suspended,
    // One slash: a path that begins with two is an address of another host for whoever follows it.
    returnTo: `${pathname.replace(/^\/+/, '/')}${search}${hash}`,
  } as const
  keep(page, { account, now: transaction.startedAt, begun: { [suspended.state]: transaction } })
  departure.leave()
  return leave(page, { url, signal, navigate: options.navigate })
}

/**
 * Puts a sign-in away, and forgets those that have had their time.
 * @throws AuthError `store_unavailable`
 */
function keep(
  page: RedirectPage,
  {
    account,
    now,
    begun = {},
  }: { readonly account: string; readonly now: number; readonly begun?: Transactions },
): void {
  try {
    const live = Object.entries(readTransactions(page, account)).filter(
      ([, one]) => !isOver(one, now),
    )
    writeTransactions(page, { account, all: { ...Object.fromEntries(live), ...begun } })
  } catch (cause) {
    throw new AuthError(
      'store_unavailable',
      'The browser keeps nothing for this page, so a sign-in could not be finished.',
      {
        cause,
        retryable: false,
        hint: 'Allow cookies and site data for this page, then sign in again.',
      },
    )
  }
}

/** As it is registered, letter by letter (★11); it has to lead back to what this page has stored. */
function redirectUriOf({ location }: RedirectPage, { redirectUri }: RedirectFlowOptions): string {
  const here = new URL(location.href)
  if (redirectUri === undefined) return `${here.origin}${here.pathname}`
  const target = URL.canParse(redirectUri, here) ? new URL(redirectUri, here) : undefined
  if (target?.origin === here.origin && target.hash === '') {
    return URL.canParse(redirectUri) ? redirectUri : target.href
  }
  throw new AuthError('config_invalid', 'redirectUri is no page of this origin.', {
    hint: `Use an address that begins with ${here.origin}, without a fragment, as it is registered for the client.`,
  })
}

interface Leave {
  readonly url: string
  readonly signal: AbortSignal
  readonly navigate: RedirectFlowOptions['navigate']
}

/** Settles only where the page lives on after all. */
function leave(page: RedirectPage, { url, signal, navigate }: Leave): Promise<never> {
  return new Promise<never>((_, reject) => {
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (persisted) {
        stay(new AuthError('login_cancelled', 'The person came back without having signed in.'))
      }
    }
    const onAbort = () => stay(abortedError(signal))
    const onTimeout = () =>
      stay(new AuthError('login_timeout', 'The browser did not leave this page.', { hint }))
    const hint = 'The sign-in page did not open; check the network, and start again.'
    // Who goes there in a way of their own may take their time.
    const timer = navigate === undefined ? setTimeout(onTimeout, leavingMs) : undefined
    page.addEventListener('pageshow', onShow)
    signal.addEventListener('abort', onAbort, { once: true })

    function stay(error: AuthError): void {
      clearTimeout(timer)
      page.removeEventListener('pageshow', onShow)
      signal.removeEventListener('abort', onAbort)
      reject(error)
    }

    try {
      if (navigate === undefined) page.location.assign(url)
      else navigate(url)
    } catch (cause) {
      stay(
        new AuthError('login_cancelled', 'The browser does not let this page be left.', {
          cause,
          hint: 'Open the page in a tab of its own, then sign in again.',
        }),
      )
    }
  })
}
