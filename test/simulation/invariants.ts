import type { StoredAccount } from '../../src/store/account.ts'
import type { Facts, Operation, Pair, Sending, Window } from './facts.ts'
import type { Commit } from './shared-store.ts'

/** What must hold in every run, whatever happens in which order. */
export const invariants = {
  overlap: 'two sendings of one refresh token never overlap',
  resend: 'a refresh token is sent again only after an ambiguous end and the cool-down',
  needless: 'a token request has a reason: one refresh per expiry over all processes',
  intent: 'a refresh token is sent only after its intent was written down',
  'given-up': 'tokens are never given up without a definitive answer',
  resurrection: 'nothing comes back after a sign-out',
  unsettled: 'every caller settles',
  'two-requests': 'a call makes at most one token request',
  'not-durable': 'a pair is in the store before any caller gets it',
  'api-key': 'the API key survives everything but a sign-out',
  outdated: 'a caller never gets a token that has ended, or that its process has replaced',
  family: 'a family is killed in the documented window only',
  'under-lock': 'nobody is told anything while the lock is held',
  'wrong-error': 'an error says what is the case',
  unserved: 'a valid token is served although it cannot be renewed',
  lost: 'a good pair that a living process has got is not lost, and the session recovers',
} as const

export type Invariant = keyof typeof invariants

/** Longest margin before the end of a token in which it is renewed. */
const marginMs = 60_000

/** @returns what is wrong with this sending beside an earlier one of the same refresh token */
export function overlapOf(sending: Sending, earlier: Sending): string | undefined {
  if (earlier.travelling && !isHiddenFrom(sending, earlier)) {
    return `sending ${earlier.number} is still on its way to the server`
  }
  const isOver =
    earlier.end !== undefined || earlier.process.state === 'dead' || earlier.hold?.end === 'lost'
  return isOver
    ? undefined
    : `${earlier.process.name} still waits for the answer to sending ${earlier.number}, when ${sending.process.name} sends`
}

/** @returns why this refresh token must not be sent again yet */
export function prematureAfter(sending: Sending, earlier: Sending): string | undefined {
  // Its holder is gone: whoever takes over does not have to wait.
  if (earlier.hold?.end === 'lost' || earlier.end === undefined) return undefined
  const { kind, at, coolDownMs } = earlier.end
  if (isHiddenFrom(sending, earlier)) return undefined
  if (kind === 'renewed' || kind === 'refused') {
    return `sending ${earlier.number} was ${kind}, which is final`
  }
  const passedMs = sending.sentAt - at
  return passedMs < coolDownMs
    ? `sending ${earlier.number} was ${kind} only ${passedMs} ms ago, the cool-down is ${coolDownMs} ms`
    : undefined
}

/** Whether the store failed who wanted to write down what came of its request: then nobody else can know. */
function isHiddenFrom({ process, sentAt }: Sending, earlier: Sending): boolean {
  const { end, process: sender } = earlier
  if (process === sender || end === undefined) return false
  return sender.isTroubledSince(end.step, sentAt)
}

/** @returns whether anything calls for a request: the clock, a caller, or a resource that refused the token */
export function isCalledFor(sending: Sending, open: readonly Operation[]): boolean {
  const { pair, process, sentAt } = sending
  const wantedMs = Math.max(marginMs, ...open.map(({ minValidityMs }) => minValidityMs))
  if (sentAt >= pair.expiresAt - wantedMs) return true
  return open.some(({ kind, startedStep, seenRevision }) => {
    if (kind === 'request') return pair.accessEnded || pair.end !== undefined
    // Who asks for a new pair gets one that somebody else has obtained meanwhile.
    const known = [
      pair.storedAt,
      process.served.get(pair.number),
      pair.broughtBy?.process === process ? pair.broughtBy.end?.step : undefined,
    ]
    const isKnown = known.some((step) => step !== undefined && step <= startedStep)
    return kind === 'refresh' && (isKnown || seenRevision === 0)
  })
}

/**
 * How the successor of a pair could miss the store although everybody did what they should: the one
 * window that no client can close.
 *
 * @param replay the sending that was refused, because the server had acted on an earlier one
 * @param knownStep until when it knew what is in the store, as a number of steps
 */
export function windowOf(
  { pair, sentStep }: Sending,
  facts: Facts,
  knownStep = sentStep,
): Window | undefined {
  const acted = facts.sendingsOf(pair).find(({ successor }) => successor !== undefined)
  const successor = acted?.successor
  if (acted === undefined || successor === undefined) return undefined
  if (successor.storedAt !== undefined && successor.storedAt < knownStep) return undefined
  if (acted.process.state === 'dead') return 'holder died'
  if (acted.hold?.end === 'lost') return 'holder stalled'
  if (acted.end?.kind === 'ambiguous') return 'answer lost'
  return successor.unsaved ? 'store not writable' : undefined
}

/** @returns why the session must not be given up; a window where it is the documented one */
export function judgeEnd(
  { process }: Commit,
  pair: Pair,
  facts: Facts,
): { readonly wrong: string } | { readonly window: Window | undefined } {
  const refused = facts
    .sendingsOf(pair)
    .findLast((one) => one.process === process && one.end?.kind === 'refused')
  if (refused === undefined) return { wrong: `${process.name} has no answer that says so` }
  // A sign-out that cannot be written ends the session at the server all the same.
  const isWanted = facts.operations.some(({ kind }) => kind === 'sign-out')
  switch (pair.end) {
    case undefined:
      return { wrong: 'its refresh token is alive' }
    case 'revoked':
      return isWanted ? { window: undefined } : { wrong: 'it was revoked while it was in use' }
    case 'killed':
      return { window: undefined }
    case 'rotated': {
      const acted = facts.sendingsOf(pair).find(({ successor }) => successor !== undefined)
      // Who has signed out does not keep it, although nothing of that could be written.
      if (acted !== undefined && facts.hasSignedOut(acted.process)) return { window: undefined }
      const window = windowOf(refused, facts)
      return window === undefined ? { wrong: 'its successor was at hand' } : { window }
    }
  }
}

/** @returns what is wrong with a pair that comes into the store */
export function resurrectedBy(after: Pair, before: Pair | undefined, facts: Facts) {
  if (facts.endedSignIns.has(after.signIn)) return `sign-in ${after.signIn} is over`
  if (before === undefined || after.broughtBy === undefined) return undefined
  return before.number > after.number ? `pair ${before.number} is newer` : undefined
}

/** @returns whether the API key is lost by this commit */
export function losesKey({ before, after }: Pick<Commit, 'before' | 'after'>): boolean {
  return before?.apiKey?.value !== after?.apiKey?.value && statusOf(after) !== 'signed-out'
}

/** @returns why this pair is none for somebody who asked for it in this operation */
export function outdatedFor(
  { process, startedAt, startedStep, joined }: Operation,
  pair: Pair,
  facts: Facts,
): string | undefined {
  // Who joins a renewal gets what that brings, even when the machine has slept in the middle of it.
  if (pair.expiresAt <= startedAt && !joined) return 'had ended before it was asked for'
  const replaced = facts.sendingsOf(pair).some(({ process: sender, hold, end }) => {
    const isOver = hold?.end === 'released' && (hold.endedStep ?? 0) <= startedStep
    return sender === process && end?.kind === 'renewed' && isOver
  })
  return replaced ? 'had been replaced by the same process' : undefined
}

/** @returns whether a pair that is in the store and still valid was served by this process before */
export function couldServe(
  { process, startedStep }: Operation,
  pair: Pair | undefined,
  now: number,
): boolean {
  if (pair === undefined || pair.expiresAt <= now) return false
  const servedAt = process.served.get(pair.number)
  return servedAt !== undefined && servedAt <= startedStep
}

export function statusOf(account: StoredAccount | undefined): StoredAccount['session']['status'] {
  return account?.session.status ?? 'signed-out'
}
