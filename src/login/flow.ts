import type { AuthError } from '../errors/auth-error.ts'
import type { Tokens } from '../session/account.ts'

/**
 * What a person has to be told during a sign-in, as data: the application finds the words, in the
 * person's language. `terminalPrompts` of `./node` has some for command lines.
 */
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
      /** The page to enter the code on, with any browser of any device. */
      readonly url: string
      /** The same page with the code in its address, where the server has one. */
      readonly urlComplete?: string
      /** To be typed there, or compared with what is shown there. Printable. */
      readonly userCode: string
      readonly expiresAt: number
      /** `urlComplete` as a QR code in lines of block characters, made for a dark terminal. */
      readonly qrCode?: string
    }
  | {
      readonly type: 'paste'
      /** The page to sign in on, with any browser. The address it ends on, or its code, is asked for. */
      readonly url: string
      readonly expiresAt: number
      /** Whether the terminal is read: what the person types or pastes there is not shown. */
      readonly reading: boolean
      /** Why what was given before was not taken; it is asked for again. */
      readonly problem?: PasteProblem
      /** Gives what the person pasted, where a UI asks for it. It is checked here; nothing is thrown. */
      readonly submit: (text: string) => void
    }
  | {
      readonly type: 'waiting'
      /** What is waited for; told when it changes, so that a UI can show it. */
      readonly for: LoginWait
    }

/**
 * Why a pasted text was not taken.
 *
 * | problem | what it was |
 * |---|---|
 * | `not-an-answer` | neither the address that the sign-in ended on, nor a code |
 * | `another-sign-in` | the answer to another sign-in: its state is not ours |
 * | `address-needed` | a code alone, where the server's answer has to be seen whole (RFC 9207) |
 * | `refused` | a code that the server does not know: mistyped, cut off, or too old |
 */
export type PasteProblem = 'not-an-answer' | 'another-sign-in' | 'address-needed' | 'refused'

/**
 * What a sign-in waits for: `another-sign-in` of the same account, in this or another process; the
 * person's `approval`; a `server` that does not answer now; the `tokens`, when all else is done.
 */
export type LoginWait = 'another-sign-in' | 'approval' | 'server' | 'tokens'

/** What a sign-in brings. Its credentials print as `[redacted]`. */
export type LoginGrant = Tokens

/** An authorization request that was started for a flow (RFC 6749 §4.1, RFC 7636). */
export interface AuthorizationRequest {
  /** The address to open, in an external browser (RFC 8252 §8.12). */
  readonly url: string
  /** What an answer has to carry, exactly once, to be the answer to this request. */
  readonly state: string
  /**
   * Whether a code may be taken without the rest of the answer. The state adds nothing to what PKCE
   * does (RFC 9700 §2.1.1), but a server that promises to say who it is has to (RFC 9207 §2.4).
   */
  readonly takesCodeAlone: boolean
  /**
   * Checks the answer and exchanges its code.
   * @throws AuthError `state_mismatch`, `issuer_mismatch`, `access_denied`, `login_required`, …
   */
  finish(callback: URL): Promise<LoginGrant>
}

/** A device authorization that was started for a flow (RFC 8628). */
export interface DeviceAuthorization {
  /** What the person enters, on the page at `url`. Printable. */
  readonly userCode: string
  /** The page to enter the code on. */
  readonly url: string
  /** The page with the code in its address, where the server has one. */
  readonly urlComplete?: string | undefined
  /** When the code ends, epoch ms. */
  readonly expiresAt: number
  /**
   * Asks for the tokens until the person has decided; tells by prompts what it waits for.
   * @throws AuthError `access_denied`, `login_timeout`, `login_required`, `aborted`, …
   */
  finish(): Promise<LoginGrant>
}

/** An authorization request as it is put away until its answer comes. **The verifier is a secret.** */
export interface SuspendedAuthorization {
  /** The value that the answer has to carry (RFC 6749 §10.12). */
  readonly state: string
  /** Sent again with the code, letter by letter (★11). */
  readonly redirectUri: string
  /** What was asked for, space-delimited. */
  readonly scope: string
  /** The secret half of PKCE (RFC 7636 §4.1): a secret until the code was exchanged. */
  readonly verifier: string
  /** What the client is going to do when the person is signed in; of its own making, in JSON. */
  readonly afterwards?: unknown
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
      /** As it was put away. */
      readonly afterwards?: unknown
      /** Called when it is stored. */
      stored(): void
    }
  | { readonly lost: AuthError }

/** What a flow gets from the client. */
export interface LoginContext {
  /** The OAuth client that somebody signs in to. */
  readonly clientId: string
  /** The authorization server. */
  readonly issuer: string
  /** Whether it is the Lanonasis gateway, which takes only registered redirects and ports. */
  readonly lanonasis: boolean
  /** Fires when the sign-in is given up: release everything then. */
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
  /** The device grant. */
  readonly device: {
    /** Whether the server has it; another server than the gateway is asked for its metadata. */
    readonly isOffered: () => Promise<boolean>
    /**
     * Asks for the codes. With `timeoutMs` the sign-in gives up before they end.
     * @throws AuthError what the server refuses
     */
    readonly start: (limits?: {
      readonly timeoutMs?: number | undefined
    }) => Promise<DeviceAuthorization>
  }
  readonly departure: Departure
}

/** Whether a flow fits the surroundings, and why not. */
export type FlowAvailability =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string }

/** One way to sign a person in. The client tries its flows in order and runs the first that can. */
export interface LoginFlow {
  /** For explanations and logs, for example `loopback`. */
  readonly name: string
  /** Whether this flow fits here; the reason is shown to a person when none does. */
  canRun(context: LoginContext): FlowAvailability | Promise<FlowAvailability>
  /**
   * Signs the person in, and gives what the token endpoint needs or has given.
   *
   * @throws AuthError `login_timeout`, `login_cancelled`, `aborted`, and what `authorize` and `finish` throw
   */
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
