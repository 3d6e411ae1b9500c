import type { StoreKey, TokenStore } from '../../store/store.ts'

/** A place to store something in, made for one test. */
export interface StorePlace {
  /** What is tested. */
  readonly store: TokenStore
  /**
   * Another store on the same place, as another process, tab or host has it. Leave it out where there
   * is no such thing, as with a store in memory.
   */
  readonly reopen?: (() => TokenStore | Promise<TokenStore>) | undefined
  /** Called after the test. */
  readonly dispose?: (() => unknown) | undefined
}

/** What {@link storeContract} needs to know of a kind of store, and of the test framework. */
export interface StoreContractOptions<Place extends StorePlace = StorePlace> {
  /** `describe` of vitest, node:test, Jest, Mocha, … */
  readonly describe: (name: string, body: () => void) => unknown
  /** `it` or `test` of the same. */
  readonly it: (name: string, body: () => Promise<void>) => unknown
  /** Makes an empty place, on its own, for each test. */
  readonly createStore: () => Place | Promise<Place>
  /** What this kind of store does not have; it has to be missing, then. */
  readonly without?: readonly ('lock' | 'watch' | 'destroy')[] | undefined
  /** For kinds whose content can be damaged from outside. */
  readonly corruption?: CorruptionOptions<Place> | undefined
  /** For kinds whose content programs of several versions share. */
  readonly newerVersion?: NewerVersionOptions<Place> | undefined
  /** How soon a change by somebody else is told, in milliseconds; default 1000. */
  readonly watchWithinMs?: number | undefined
}

/** How to damage what is stored. */
export interface CorruptionOptions<Place extends StorePlace = StorePlace> {
  /** Makes the content of the place something that the store cannot understand. */
  readonly damage: (place: Place) => unknown
  /** Whether the damaged content is still to be had somewhere. */
  readonly isKept: (place: Place) => boolean | Promise<boolean>
  /**
   * Whether the damaged content may be of other accounts as well, as that of a file for all of them:
   * then destroying one account fails with `store_corrupt` once, and keeps what was set aside.
   */
  readonly isShared?: boolean | undefined
}

/** How to write as a version does that does not exist yet. */
export interface NewerVersionOptions<Place extends StorePlace = StorePlace> {
  /** Adds something that this version does not know to what is stored under `key`. */
  readonly addField: (place: Place, key: StoreKey) => unknown
  /** Whether it is still there. */
  readonly hasField: (place: Place, key: StoreKey) => boolean | Promise<boolean>
}

/** One statement about stores, and how to see whether it is true. */
export interface ContractCase<Place extends StorePlace = StorePlace> {
  readonly name: string
  readonly run: (place: Place) => Promise<void>
}
