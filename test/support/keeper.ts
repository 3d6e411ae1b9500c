import { AuthError } from '../../src/errors/auth-error.ts'
import { memoryLock } from '../../src/lock/memory-lock.ts'
import { Secret } from '../../src/secret/secret.ts'
import type { Tokens } from '../../src/session/account.ts'
import type { KeeperEvent, SessionKeeperOptions } from '../../src/session/keeper-types.ts'
import type { RenewalOutcome } from '../../src/session/outcome.ts'
import { SessionKeeper } from '../../src/session/session-keeper.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { StoreKey, TokenStore } from '../../src/store/store.ts'
import { deferred } from './async.ts'
import { epoch, lifeMs } from './setup.ts'
import { observedStore } from './stores.ts'

export const storeKey: StoreKey = {
  issuer: 'https://auth.lanonasis.com',
  clientId: 'lanonasis-cli',
  profile: 'default',
}

type Renew = (tokens: Tokens) => RenewalOutcome | Promise<RenewalOutcome>

interface KeeperOptions extends Partial<SessionKeeperOptions> {
  /** Sends one renewal request. */
  readonly renew?: (tokens: Tokens) => Promise<RenewalOutcome>
}

/** One process: a keeper with its own memory, on a store that others may share. */
export function keeperOn(
  store: TokenStore,
  world: { now: number },
  { renew, ...options }: KeeperOptions = {},
) {
  const events: KeeperEvent[] = []
  const keeper = new SessionKeeper({
    key: storeKey,
    store,
    lock: store.lock ?? memoryLock(),
    now: () => world.now,
    wait: async () => {},
    random: () => 0,
    lockTimeoutMs: 60_000,
    prepare: async () => renew ?? (() => Promise.reject(new Error('No renewal was expected.'))),
    discard: async () => {},
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { keeper, events }
}

/** Somebody who is signed in with `access-0`, a clock, and a server that renews as it is told. */
export function keeperSetup(renewal?: Renew, options: KeeperOptions = {}) {
  const world = { now: epoch }
  const initial = { accessToken: 'access-0', refreshToken: 'refresh-0', expiresAt: epoch + lifeMs }
  const observed = observedStore(memoryStore({ tokens: initial, apiKey: 'pk_1.sk_2' }))
  const sent: string[] = []
  const discarded: string[] = []
  const underWay = deferred()

  /** As a server does: a new pair for the one that was sent. */
  const rotate = (tokens: Tokens): RenewalOutcome => {
    const next = Number(tokens.refreshToken?.reveal().split('-')[1]) + 1
    return { type: 'renewed', tokens: pairNumber(next, world.now) }
  }
  const given: KeeperOptions = {
    renew: async (tokens) => {
      sent.push(tokens.refreshToken?.reveal() ?? '')
      underWay.resolve()
      return (renewal ?? rotate)(tokens)
    },
    discard: async (tokens) => {
      discarded.push(tokens.accessToken.reveal())
    },
    ...options,
  }

  return {
    ...observed,
    ...keeperOn(observed.store, world, given),
    world,
    sent,
    discarded,
    rotate,
    /** When the first request is on its way. */
    underWay: underWay.promise,
    /** Another process on the same store. */
    another: (more: KeeperOptions = {}) => keeperOn(observed.store, world, { ...given, ...more }),
    /** The session as it is written down. */
    stored: async () => (await observed.store.read(storeKey))?.value,
    /** Lets the access token come to its end. */
    expire: () => {
      world.now = epoch + lifeMs
    },
    /** Lets the access token come close to its end: it is not fresh, and still valid. */
    age: () => {
      world.now = epoch + lifeMs - 30_000
    },
  }
}

export function pairNumber(number: number, obtainedAt: number): Tokens {
  return {
    accessToken: new Secret(`access-${number}`),
    refreshToken: new Secret(`refresh-${number}`),
    tokenType: 'Bearer',
    kind: 'opaque',
    obtainedAt,
    expiresAt: obtainedAt + lifeMs,
  }
}

export const refused: RenewalOutcome = {
  type: 'refused',
  error: new AuthError('validation_failed', 'invalid_grant', { status: 400 }),
}
export const unavailable: RenewalOutcome = {
  type: 'unavailable',
  error: new AuthError('rate_limited', 'Too many.', { status: 429, retryAfterMs: 60_000 }),
}
export const ambiguous: RenewalOutcome = {
  type: 'ambiguous',
  error: new AuthError('timeout', 'No answer.'),
}
