/**
 * The Lanonasis services in process, for tests: what they do on the wire, faults to order, and a log
 * of what they were asked.
 *
 * @module
 */
export type { Client, NewClient } from './testing/accounts/clients.ts'
export type { NewUser, User } from './testing/accounts/users.ts'
export type { Limit } from './testing/http/rate-limit.ts'
export type { ApiKeyForm, ApiKeyRecord } from './testing/keys/key-store.ts'
export type { StoredMemory } from './testing/memory/memory-store.ts'
export { createBrowser, type PlatformBrowser } from './testing/person/browser.ts'
export { type PersonFlowOptions, personFlow } from './testing/person/person-flow.ts'
export type {
  PlatformClientOptions,
  SignedInClientOptions,
} from './testing/platform/client-options.ts'
export type { PlatformClock } from './testing/platform/clock.ts'
export { createPlatform } from './testing/platform/create-platform.ts'
export type { Fault, FaultAction } from './testing/platform/faults.ts'
export type { PlatformFetch } from './testing/platform/fetch.ts'
export type { Generation, Limits, PlatformOptions } from './testing/platform/options.ts'
export type {
  ApproveDeviceOptions,
  CreateApiKeyOptions,
  IssuedTokens,
  IssueTokensOptions,
  NewStoredMemory,
  Platform,
  SignInOptions,
} from './testing/platform/platform.ts'
export type { PlatformRequest } from './testing/platform/request-log.ts'
export type { PlatformConnection } from './testing/realtime/connection.ts'
export type { RealtimeOptions } from './testing/realtime/options.ts'
export type { ConnectionEnd } from './testing/realtime/peer.ts'
export type { Pushed } from './testing/realtime/pushed.ts'
export type { PlatformRealtime } from './testing/realtime/realtime.ts'
export type {
  CorruptionOptions,
  NewerVersionOptions,
  StoreContractOptions,
  StorePlace,
} from './testing/store-contract/options.ts'
export { storeContract } from './testing/store-contract/store-contract.ts'
