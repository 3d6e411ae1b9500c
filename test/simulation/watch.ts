import { isAuthError } from '../../src/errors/auth-error.ts'
import type { StoredAccount } from '../../src/store/account.ts'
import { Facts, type Operation, type Pair, type Sending } from './facts.ts'
import {
  couldServe,
  type Invariant,
  invariants,
  isCalledFor,
  judgeEnd,
  losesKey,
  outdatedFor,
  overlapOf,
  prematureAfter,
  resurrectedBy,
  statusOf,
  windowOf,
} from './invariants.ts'
import type { NetworkObserver } from './network.ts'
import type { Process } from './process.ts'
import type { Schedule } from './schedule.ts'
import type { SharedLock } from './shared-lock.ts'
import type { Commit, StoreObserver } from './shared-store.ts'

/** What a run did wrong. */
export interface Violation {
  readonly invariant: Invariant
  readonly message: string
}

/** Watches over one run: writes down what happens, and compares it with the invariants. */
export class Watch implements StoreObserver, NetworkObserver {
  readonly facts = new Facts()
  readonly trace: string[] = []
  readonly violations: Violation[] = []
  readonly #schedule: Schedule
  readonly #lock: SharedLock
  readonly #startedAt: number
  readonly #killsFamilies: boolean
  /** Processes that have told of a store that cannot be written. */
  readonly #complained = new Set<Process>()
  /** The statuses of the record by revision. */
  readonly #statuses: { readonly revision: number; readonly status: string }[] = []
  #current: Pair | undefined
  /** The pair that was given up, until there is another one. */
  #expired: Pair | undefined
  #signIn = 0

  constructor(
    schedule: Schedule,
    { lock, killsFamilies }: { readonly lock: SharedLock; readonly killsFamilies: boolean },
  ) {
    this.#schedule = schedule
    this.#lock = lock
    this.#startedAt = schedule.now
    this.#killsFamilies = killsFamilies
  }

  note(text: string): void {
    const seconds = ((this.#schedule.now - this.#startedAt) / 1_000).toFixed(1)
    this.trace.push(`${seconds.padStart(8)} s  ${text}`)
  }

  // What is there, and what a sign-in brings.

  started(account: StoredAccount, pair: Pair): void {
    pair.storedAt = 0
    this.#current = pair
    this.#statuses.push({ revision: 1, status: statusOf(account) })
  }

  issued(pair: Omit<IssuedPair, 'lifeMs'> & { readonly expiresAt: number }): Pair {
    const issued = this.facts.addPair({ ...pair, signIn: this.#signIn, broughtBy: undefined })
    this.#signIn += 1
    return issued
  }

  // What goes to the server, and comes from it.

  sending(pair: Pair, process: Process): Sending {
    const { facts } = this
    const intent = facts.intents.get(process)
    const sending: Sending = {
      number: facts.sendings.length,
      pair,
      process,
      hold: this.#lock.heldBy(process),
      sentAt: this.#schedule.now,
      sentStep: this.#schedule.taken,
      intentStep: intent?.step ?? this.#schedule.taken,
      travelling: true,
      successor: undefined,
      end: undefined,
    }
    this.note(`${process.name} sends refresh token ${pair.number} (sending ${sending.number})`)
    for (const earlier of facts.sendingsOf(pair)) {
      this.#expect('overlap', overlapOf(sending, earlier))
      this.#expect('resend', prematureAfter(sending, earlier))
    }
    const open = facts.openOperations(process)
    // Who has signed out asks for whatever there is by then.
    const isAsked = facts.hasSignedOut(process) && open.some(({ kind }) => kind === 'refresh')
    if (!isAsked && !isCalledFor(sending, open)) {
      this.#expect('needless', `nothing calls for a renewal of pair ${pair.number}`)
    }
    if (intent?.pair !== pair) {
      this.#expect(
        'intent',
        `${process.name} has not said that it sends refresh token ${pair.number}`,
      )
    }
    facts.intents.delete(process)
    process.requests.sent += 1
    // The pair that its own renewal brought has ended again before it was of use: the machine slept.
    const hasSlept = pair.broughtBy?.process === process && pair.expiresAt <= sending.sentAt
    if (hasSlept && open.some(({ kind }) => kind === 'request')) process.requests.allowed += 1
    if (process.requests.sent > process.requests.allowed) {
      this.#expect('two-requests', `${process.name} sends more often than it was asked`)
    }
    facts.sendings.push(sending)
    return sending
  }

  rotated(sending: Sending, { accessToken, refreshToken, lifeMs }: IssuedPair): void {
    const { pair } = sending
    if (pair.end !== undefined) throw new Error(`The server took refresh token ${pair.number}.`)
    pair.end = 'rotated'
    sending.successor = this.facts.addPair({
      signIn: pair.signIn,
      accessToken,
      refreshToken,
      expiresAt: sending.sentAt + lifeMs,
      broughtBy: sending,
    })
    this.note(`the server replaces pair ${pair.number} by pair ${sending.successor.number}`)
  }

  refused(sending: Sending): void {
    const { pair } = sending
    this.note(`the server refuses refresh token ${pair.number}`)
    if (pair.end === undefined) throw new Error(`The server refused refresh token ${pair.number}.`)
    if (pair.end !== 'rotated' || !this.#killsFamilies) return
    const alive = this.facts.pairs.filter(({ signIn, end }) => {
      return signIn === pair.signIn && end === undefined
    })
    for (const victim of alive) {
      victim.end = 'killed'
      this.note(`the server kills pair ${victim.number}`)
    }
    const window = windowOf(sending, this.facts, sending.intentStep)
    if (alive.length > 0 && window === undefined) {
      this.#expect('family', `sending ${sending.number} was a replay that could be avoided`)
    }
  }

  ended({ number, process, end }: Sending): void {
    this.note(`${process.name} hears of sending ${number}: ${end?.kind}`)
  }

  revoked(token: string): void {
    const pair = this.facts.withRefreshToken(token) ?? this.facts.withAccessToken(token)
    if (pair === undefined) return
    pair.end ??= 'revoked'
    this.note(`the server revokes pair ${pair.number}`)
  }

  /** The server ends all access tokens; the refresh tokens stay good. */
  accessTokensEnded(): void {
    for (const pair of this.facts.pairs) pair.accessEnded = true
  }

  bearer(token: string, process: Process): void {
    const operation = this.facts.openOperations(process).find(({ kind }) => kind === 'request')
    if (operation !== undefined) this.served(operation, token)
  }

  // What becomes of the record.

  committed(commit: Commit): void {
    const { process, before, after, revision } = commit
    const { facts } = this
    const [from, to] = [this.#pairIn(before), this.#pairIn(after)]
    this.note(`${process.name} writes ${describe(after, to)} (revision ${revision})`)
    if (losesKey(commit) && !facts.hasSignedOut(process))
      this.#expect('api-key', `${process.name} has removed it`)
    if (to !== undefined && to !== from) {
      this.#expect('resurrection', resurrectedBy(to, from, facts))
      to.storedAt ??= this.#schedule.taken
      const replaced = from ?? this.#expired
      this.#expired = undefined
      if (replaced !== undefined && replaced.signIn !== to.signIn) {
        this.#endSignIn(replaced.signIn, revision)
      }
    }
    if (to !== undefined && after?.intent !== undefined && after.intent !== before?.intent) {
      facts.intents.set(process, { pair: to, step: this.#schedule.taken })
    }
    if (to !== this.#current) {
      if (statusOf(after) === 'signed-out') this.#endSignIns(revision)
      this.#current = to
    }
    if (from !== undefined && statusOf(after) === 'expired') {
      this.#expired = from
      const judgement = judgeEnd(commit, from, facts)
      if ('wrong' in judgement) this.#expect('given-up', `pair ${from.number}: ${judgement.wrong}`)
      else if (judgement.window !== undefined) facts.countWindow(judgement.window)
    }
    this.#statuses.push({ revision, status: statusOf(after) })
  }

  refusedCommit(process: Process, value: StoredAccount | undefined): void {
    const pair = this.#pairIn(value)
    this.note(`${process.name} cannot write ${describe(value, pair)}`)
    if (pair !== undefined && pair.storedAt === undefined) pair.unsaved = true
  }

  // What callers and listeners hear.

  served(operation: Operation, token: string): void {
    const { process } = operation
    const { facts } = this
    const pair = facts.withAccessToken(token)
    if (pair === undefined) throw new Error('A token was served that nobody has issued.')
    this.note(`call ${operation.number} of ${process.name} gets pair ${pair.number}`)
    if (!process.served.has(pair.number)) process.served.set(pair.number, this.#schedule.taken)
    if (pair.storedAt === undefined && !isRefusedByStore(pair, process, this.#schedule.now)) {
      this.#expect('not-durable', `pair ${pair.number} is served before it is in the store`)
    }
    const endedBy = facts.endedSignIns.get(pair.signIn)
    if (endedBy !== undefined && endedBy <= operation.seenRevision) {
      const message = `${process.name} serves pair ${pair.number}, and knew that sign-in ${pair.signIn} is over`
      this.#expect('resurrection', message)
    }
    const outdated = outdatedFor(operation, pair, facts)
    if (outdated !== undefined) {
      this.#expect('outdated', `pair ${pair.number}, served by ${process.name}, ${outdated}`)
    }
  }

  failed(operation: Operation, error: unknown): void {
    const { number, process, kind, seenRevision } = operation
    const name = isAuthError(error) ? error.code : String(error)
    this.note(`call ${number} of ${process.name} fails: ${name}`)
    if (!isAuthError(error)) {
      this.#expect('wrong-error', `call ${number} fails with ${name}`)
      return
    }
    const status = statusByCode[name]
    if (status !== undefined) {
      const told = this.#statuses.findLast(({ revision }) => revision <= seenRevision)
      const later = this.#statuses.filter(({ revision }) => revision >= (told?.revision ?? 0))
      const isTrue =
        kind === 'sign-in' ||
        (status === 'signed-out' && this.facts.hasSignedOut(process)) ||
        later.some((one) => one.status === status) ||
        (status === 'expired' && couldNotWriteRefusal(process, this.facts, this.#schedule.now))
      if (!isTrue)
        this.#expect('wrong-error', `call ${number} fails with ${name}, nobody ${status}`)
    } else if (
      kind === 'token' &&
      !this.facts.hasSignedOut(process) &&
      couldServe(operation, this.#current, this.#schedule.now)
    ) {
      const message = `call ${number} of ${process.name} fails with ${name}, although a token is valid`
      this.#expect('unserved', message)
    }
  }

  told(process: Process, event: 'refresh' | 'degraded' | 'store' | 'request', code?: string): void {
    this.note(`${process.name} tells: ${event}${code === undefined ? '' : ` (${code})`}`)
    const last = this.facts.sendings.findLast((sending) => sending.process === process)
    // It may also be a store that does not answer in time.
    if (event === 'store' && last?.successor !== undefined) {
      last.successor.unsaved = true
      this.#complained.add(process)
    }
    // A call that has no lock, or has lost it, may tell so while another one of its process has it.
    const hasLost = this.facts.sendings.some(
      (sending) => sending.process === process && sending.hold?.end === 'lost',
    )
    const isOfHolder = event !== 'store' && code !== 'lock_timeout' && !hasLost
    if (isOfHolder && last?.hold !== undefined && last.hold.end === undefined) {
      this.#expect('under-lock', `${process.name} tells of "${event}" while it holds the lock`)
    }
  }

  unsettled(operations: readonly Operation[]): void {
    for (const { number, kind, process } of operations) {
      this.#expect('unsettled', `call ${number} (${kind}) of ${process.name} never settles`)
    }
  }

  /** When all is quiet and healthy again, and everybody alive has asked for a token. */
  finished(): void {
    for (const pair of this.facts.pairs) {
      const { broughtBy, end, signIn, storedAt } = pair
      if (storedAt === undefined) this.#expect('not-durable', this.#untold(pair))
      const { operations } = this.facts
      const isWanted = operations.some(({ kind }) => kind === 'sign-out' || kind === 'sign-in')
      // What we have revoked ourselves is lost as well, if nobody has asked for it.
      const isOver = end !== undefined && (end !== 'revoked' || isWanted)
      if (broughtBy === undefined || isOver) continue
      const isHad = broughtBy.end?.kind === 'renewed' && broughtBy.process.state === 'running'
      if (!isHad || this.facts.hasSignedOut(broughtBy.process)) continue
      if (this.facts.endedSignIns.has(signIn) || this.#current === pair) continue
      this.#expect('lost', `pair ${pair.number} is good, and not in the store`)
    }
  }

  /** A last call of a process in a healthy world. */
  recovered(process: Process, error: unknown): void {
    if (error === undefined || isAuthError(error, 'login_required')) return
    if (isAuthError(error, 'session_expired')) return
    this.#expect('lost', `${process.name} does not recover: ${String(error)}`)
  }

  /** Whether this process has got a good pair that the store does not have. */
  hasUnsaved(process: Process): boolean {
    return this.facts.pairs.some(({ broughtBy, storedAt, end, signIn }) => {
      const isHad = broughtBy?.process === process && broughtBy.end?.kind === 'renewed'
      const isOver = end !== undefined || this.facts.endedSignIns.has(signIn)
      return isHad && storedAt === undefined && !isOver
    })
  }

  /** A pair that is served from memory: somebody has to know. */
  #untold({ number, broughtBy }: Pair): string | undefined {
    const process = broughtBy?.process
    if (process === undefined || !process.served.has(number) || this.#complained.has(process))
      return
    return `pair ${number} is served from memory, and ${process.name} has not told`
  }

  #pairIn(account: StoredAccount | undefined): Pair | undefined {
    if (account?.session.status !== 'signed-in') return undefined
    const pair = this.facts.withAccessToken(account.session.tokens.accessToken)
    if (pair === undefined) throw new Error('A pair was stored that nobody has issued.')
    return pair
  }

  #endSignIns(revision: number): void {
    for (const { signIn, storedAt } of this.facts.pairs) {
      if (storedAt !== undefined) this.#endSignIn(signIn, revision)
    }
  }

  #endSignIn(signIn: number, revision: number): void {
    const { endedSignIns } = this.facts
    if (!endedSignIns.has(signIn)) endedSignIns.set(signIn, revision)
  }

  #expect(invariant: Invariant, wrong: string | undefined): void {
    if (wrong === undefined) return
    this.note(`WRONG (${invariant}): ${wrong}`)
    this.violations.push({ invariant, message: `${invariants[invariant]}: ${wrong}` })
  }
}

interface IssuedPair {
  readonly accessToken: string
  readonly refreshToken: string
  readonly lifeMs: number
}

/** Whether the store failed the process that has got this pair, so that only its memory has it. */
function isRefusedByStore({ broughtBy }: Pair, process: Process, now: number): boolean {
  const gotAt = broughtBy?.process === process ? broughtBy.end?.step : undefined
  return gotAt !== undefined && process.isTroubledSince(gotAt, now)
}

/** It has a definitive answer, and nowhere to write it: then only this process knows. */
function couldNotWriteRefusal(process: Process, { sendings }: Facts, now: number): boolean {
  const last = sendings.findLast((sending) => sending.process === process)
  return last?.end?.kind === 'refused' && process.isTroubledSince(last.end.step, now)
}

const statusByCode: Readonly<Record<string, string>> = {
  session_expired: 'expired',
  login_required: 'signed-out',
}

function describe(account: StoredAccount | undefined, pair: Pair | undefined): string {
  const { intent, coolDown } = account ?? {}
  return [
    pair === undefined ? statusOf(account) : `pair ${pair.number}`,
    ...(intent === undefined ? [] : ['an intent']),
    ...(coolDown === undefined ? [] : ['a cool-down']),
  ].join(', ')
}
