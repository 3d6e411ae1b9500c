import type { AuthError } from '../errors/auth-error.ts'
import type { Tokens } from '../session/account.ts'

/** What a person has to be told during a sign-in, as data: the application finds the words. */
export type LoginPrompt =
  | {
      readonly type: 'url'
      /** The page to sign in on. */
      readonly url: string
      /** Whether a browser was opened on it; otherwise the person has to open it. */
      readonly opened: boolean
      /** When the sign-in gives up, epoch ms. */
      readonly expiresAt: number
    }
  | {
      readonly type: 'device-code'
      readonly url: string
      readonly userCode: string
      readonly expiresAt: number
    }
  | { readonly type: 'paste'; readonly url: string; readonly expiresAt: number }
  | { readonly type: 'waiting' }

/** What a sign-in brings. Its credentials print as `[redacted]`. */
export type LoginGrant = Tokens

/** An authorization request that was started for a flow (RFC 6749 §4.1, RFC 7636). */
export interface AuthorizationRequest {
  /** The address to open, in an external browser (RFC 8252 §8.12). */
  readonly url: string
  /** What an answer has to carry, exactly once, to be the answer to this request. */
  readonly state: string
  /**
   * Checks the answer and exchanges its code.
   * @throws AuthError `state_mismatch`, `issuer_mismatch`, `access_denied`, `login_required`, …
   */
  finish(callback: URL): Promise<LoginGrant>
}

/** An authorization request as it is put away until its answer comes. **The verifier is a secret.** */
export interface SuspendedAuthorization {
  readonly state: string
  /** Sent again with the code, letter by letter (★11). */
  readonly redirectUri: string
  readonly scope: string
  readonly verifier: string
}

/** The protocol for flows that leave the program, whose next start finishes what they began. */
export interface Departure {
  /** The account, as {@link LoginFlow.collect} gets it. */
  readonly account: string
  /**
   * Starts an authorization request that can be put away. The gateway is asked first, as far as a page
   * may, whether it takes the request and whether the person has to go to the sign-in page before.
   * @throws AuthError what the server refuses
   */
  readonly start: (request: {
    readonly redirectUri: string
  }) => Promise<{ readonly url: string; readonly suspended: SuspendedAuthorization }>
  /** The person goes elsewhere now: another sign-in of this account no longer waits for this one. */
  readonly leave: () => void
  /** Checks the answer and exchanges its code, as {@link AuthorizationRequest.finish} does. */
  readonly finish: (suspended: SuspendedAuthorization, callback: URL) => Promise<LoginGrant>
}

/** The answer to a sign-in that an earlier life of this program began, see {@link LoginFlow.collect}. */
export interface ReturnedLogin {
  /** The same for the same answer. */
  readonly id: string
  /**
   * Uses the answer up, and exchanges its code.
   * @throws AuthError `login_timeout`, and what `finish` of {@link Departure} throws
   */
  finish(context: LoginContext): Promise<ReturnedGrant>
}

/** What an answer brings; or why it brings nothing, which is no failure for who is signed in by now. */
export type ReturnedGrant =
  | {
      readonly grant: LoginGrant
      /** Called when it is stored. */
      stored(): void
    }
  | { readonly lost: AuthError }

/** What a flow gets from the client. */
export interface LoginContext {
  readonly clientId: string
  /** The authorization server. */
  readonly issuer: string
  /** Whether it is the Lanonasis gateway, which takes only registered redirects and ports. */
  readonly lanonasis: boolean
  readonly signal: AbortSignal
  /** The wall clock, epoch ms. */
  readonly now: () => number
  /** Whether anybody listens to prompts: without, a flow that needs one cannot run. */
  readonly canPrompt: boolean
  /** Tells the person what to do next. */
  readonly prompt: (prompt: LoginPrompt) => void
  /**
   * Starts an authorization request, asking the server first whether it takes it (★10).
   * @throws AuthError what the server refuses
   */
  readonly authorize: (request: { readonly redirectUri: string }) => Promise<AuthorizationRequest>
  readonly departure: Departure
}

/** Whether a flow fits the surroundings, and why not. */
export type FlowAvailability =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string }

/** One way to sign a person in. The client tries its flows in order and runs the first that can. */
export interface LoginFlow {
  readonly name: string
  /** Whether this flow fits here; the reason is shown to a person when none does. */
  canRun(context: LoginContext): FlowAvailability | Promise<FlowAvailability>
  /** @throws AuthError `login_timeout`, `login_cancelled`, `aborted`, and what `authorize` and `finish` throw */
  run(context: LoginContext): Promise<LoginGrant>
  /**
   * For flows that leave the program. Called when a client is made, before anything else runs: takes
   * an answer to this account's sign-in out of the address, and keeps it until it is used.
   *
   * @param account the name of the account, the same in every life of the program
   * @param url what to look at instead of the program's own address
   */
  collect?(account: string, url?: URL): ReturnedLogin | undefined
  /** For flows that leave the program: removes everything that is kept of an account's sign-ins. */
  forget?(account: string): void
}
