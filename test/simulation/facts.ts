import type { Process } from './process.ts'

/** A token pair that the server has issued. */
export interface Pair {
  readonly number: number
  /** Which sign-in it comes from; renewals keep it. */
  readonly signIn: number
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresAt: number
  /** The token request that brought it; none for a sign-in. */
  readonly broughtBy: Sending | undefined
  /** When it was first in the store, as a number of steps. */
  storedAt: number | undefined
  /** Whether a commit of it was refused by a store that cannot be written. */
  unsaved: boolean
  /** What ended its refresh token at the server. */
  end: 'rotated' | 'revoked' | 'killed' | undefined
  /** Whether the server no longer takes its access token, although its time is not over. */
  accessEnded: boolean
}

/** One token request with a refresh token. */
export interface Sending {
  readonly number: number
  readonly pair: Pair
  readonly process: Process
  /** The hold of the lock that it was sent in. */
  readonly hold: Hold | undefined
  readonly sentAt: number
  /** As a number of steps. */
  readonly sentStep: number
  /** When its intent was written, as a number of steps: whatever was in the store by then, it knows of. */
  readonly intentStep: number
  /** Whether it is still on its way to the server. */
  travelling: boolean
  /** The pair that the server has made for it. */
  successor: Pair | undefined
  /** What its process has heard of it. */
  end: SendingEnd | undefined
}

/**
 * | kind | what the process saw |
 * |---|---|
 * | `renewed` | a new pair |
 * | `refused` | `invalid_grant` and its kin |
 * | `unavailable` | proof that the server did not act: connection refused, 429, 5xx, HTML |
 * | `ambiguous` | anything else: time-out, connection lost, half an answer |
 */
export interface SendingEnd {
  readonly kind: 'renewed' | 'refused' | 'unavailable' | 'ambiguous'
  readonly at: number
  /** As a number of steps. */
  readonly step: number
  /** For how long after it the same refresh token must not be sent. */
  readonly coolDownMs: number
}

/** A lock on the session, from when it was given until it is free again. */
export interface Hold {
  readonly number: number
  readonly process: Process
  /** `lost`: its process died, or stalled for so long that somebody else has taken over. */
  end: 'released' | 'lost' | undefined
  /** As a number of steps. */
  endedStep: number | undefined
}

/** What was asked of a client. */
export interface Operation {
  readonly number: number
  readonly kind: 'token' | 'refresh' | 'request' | 'sign-in' | 'sign-out'
  readonly process: Process
  readonly minValidityMs: number
  readonly startedAt: number
  /** As a number of steps. */
  readonly startedStep: number
  /** The newest revision of the record that its process had heard of. */
  readonly seenRevision: number
  /** Whether a renewal was under way in its process. */
  readonly joined: boolean
  settled: boolean
  error: unknown
}

/** How one refresh token came to be refused or replayed although nobody did anything wrong. */
export type Window = 'holder died' | 'holder stalled' | 'answer lost' | 'store not writable'

/** What has happened so far, as far as the invariants ask for it. */
export class Facts {
  readonly pairs: Pair[] = []
  readonly sendings: Sending[] = []
  readonly operations: Operation[] = []
  /** Sign-ins that were replaced or signed out, and the revision that ended them. */
  readonly endedSignIns = new Map<number, number>()
  readonly windows = new Map<Window, number>()
  /** The pair that each process has last written an intent for, and when, until it sends. */
  readonly intents = new Map<Process, { readonly pair: Pair; readonly step: number }>()
  #byAccessToken = new Map<string, Pair>()
  #byRefreshToken = new Map<string, Pair>()

  addPair(
    pair: Pick<Pair, 'signIn' | 'accessToken' | 'refreshToken' | 'expiresAt' | 'broughtBy'>,
  ): Pair {
    const added: Pair = {
      ...pair,
      number: this.pairs.length,
      storedAt: undefined,
      unsaved: false,
      end: undefined,
      accessEnded: false,
    }
    this.pairs.push(added)
    this.#byAccessToken.set(added.accessToken, added)
    this.#byRefreshToken.set(added.refreshToken, added)
    return added
  }

  withAccessToken(token: string): Pair | undefined {
    return this.#byAccessToken.get(token)
  }

  withRefreshToken(token: string): Pair | undefined {
    return this.#byRefreshToken.get(token)
  }

  sendingsOf(pair: Pair): Sending[] {
    return this.sendings.filter((sending) => sending.pair === pair)
  }

  /** What is under way in a process. */
  openOperations(process: Process): Operation[] {
    return this.operations.filter((one) => one.process === process && !one.settled)
  }

  /** Whether somebody has signed out in this process, although perhaps nothing of it could be written. */
  hasSignedOut(process: Process): boolean {
    return this.operations.some((one) => one.process === process && one.kind === 'sign-out')
  }

  countWindow(window: Window): void {
    this.windows.set(window, (this.windows.get(window) ?? 0) + 1)
  }
}
