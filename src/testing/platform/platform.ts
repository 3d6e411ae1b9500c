import type { Endpoints } from '../../endpoints/presets.ts'
import type { WebSockets } from '../../mcp/web-socket.ts'
import type { Client, NewClient } from '../accounts/clients.ts'
import type { NewUser, User } from '../accounts/users.ts'
import type { ApiKeyForm, ApiKeyRecord } from '../keys/key-store.ts'
import type { StoredMemory } from '../memory/memory-store.ts'
import type { PlatformBrowser } from '../person/browser.ts'
import type { PlatformRealtime } from '../realtime/realtime.ts'
import type { PlatformClientOptions, SignedInClientOptions } from './client-options.ts'
import type { PlatformClock } from './clock.ts'
import type { Fault } from './faults.ts'
import type { PlatformFetch } from './fetch.ts'
import type { PlatformRequest } from './request-log.ts'

/** Tokens in the shape that `memoryStore({ tokens })` takes. */
export interface IssuedTokens {
  /** What a request carries. */
  readonly accessToken: string
  /** What it is renewed with, once: a renewal brings another one (★13). */
  readonly refreshToken: string
  readonly tokenType: 'Bearer'
  /** Epoch milliseconds, by the platform's clock. */
  readonly expiresAt: number
  /** Space-delimited. */
  readonly scope: string
}

/** Which tokens to issue without a sign-in. */
export interface IssueTokensOptions {
  /** Default: `lanonasis-cli`. */
  readonly clientId?: string
  /** Default: `memories:read memories:write`. */
  readonly scope?: string
  /** `opaque` comes from PKCE, `jwt` from password and device sign-ins (★16); default `opaque`. */
  readonly family?: 'opaque' | 'jwt'
  /** Whose; default: the user who is there from the start. */
  readonly email?: string
}

/** Which API key to create without a request. */
export interface CreateApiKeyOptions {
  /** Default: `key-1`, `key-2`, … */
  readonly name?: string
  /** Default: `authenticated`. */
  readonly accessLevel?: string
  /** Default: the form of the platform's generation. */
  readonly form?: ApiKeyForm
  /** Default: `memories:read` and `memories:write`. */
  readonly scopes?: readonly string[]
  /** Its life by the platform's clock; without it there is no end. */
  readonly expiresInMs?: number
  /** Whose; default: the user who is there from the start. */
  readonly email?: string
}

/** What is needed of a memory. */
export interface NewStoredMemory {
  /** One line. */
  readonly title: string
  /** Default: the title. */
  readonly content?: string
  /** Default: `context`. */
  readonly type?: string
  /** Default: none. */
  readonly tags?: readonly string[]
  /** Default: empty. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Whose; default: the user who is there from the start. */
  readonly email?: string
}

/** How a scripted person signs in. */
export interface SignInOptions {
  /** Default: the user who is there from the start. */
  readonly email?: string
  /** Default: the right one. */
  readonly password?: string
  /** Refuse the app's request. */
  readonly decline?: boolean
  /** The browser to use; a new one by default, without any session. */
  readonly browser?: PlatformBrowser
}

/** How a scripted person answers a device's request. */
export interface ApproveDeviceOptions extends SignInOptions {
  /** The code the device shows, when it is not in the address already. */
  readonly userCode?: string
}

/** The Lanonasis services for tests: what they do, what they were asked, and what shall go wrong. */
export interface Platform {
  /** Where the services are. */
  readonly endpoints: Endpoints
  /** Leads a client here: `new LanonasisClient(platform.clientOptions)`. Nobody is signed in. */
  readonly clientOptions: PlatformClientOptions
  /** The same with a session, as a sign-in would bring it: `new LanonasisClient(await platform.signedIn())`. */
  signedIn(options?: IssueTokensOptions): Promise<SignedInClientOptions>
  /** Reaches the platform as `fetch` reaches the network. */
  readonly fetch: PlatformFetch
  /**
   * Reaches the platform's WebSocket without leaving the process: for a client's `webSocket`. A page's,
   * which takes no headers, is `{ ...platform.webSocket, takesHeaders: false }`.
   */
  readonly webSocket: WebSockets
  /** The WebSockets and event streams that are open, and what they received. */
  readonly realtime: PlatformRealtime
  /** The time as the services have it; a client that is given `clock.now` has the same. */
  readonly clock: PlatformClock
  /** Every request so far; may be emptied. */
  readonly requests: PlatformRequest[]
  /** The requests to a route, such as `POST /oauth/token` or `GET /memor*`. */
  requestsTo(route: string): PlatformRequest[]
  /** Orders a fault; the function that is returned takes it back. */
  order(fault: Fault): () => void

  /** Who can sign in: `ada@example.com` from the start. */
  readonly users: readonly User[]
  /** Adds a person who can sign in. */
  addUser(user: NewUser): User
  /** The OAuth clients that are registered, those of the Lanonasis tools from the start. */
  readonly clients: readonly Client[]
  /** Registers an OAuth client. */
  addClient(client: NewClient): Client
  /** Puts a page's origin on the gateway's list, as `corsOrigins` does for those that are known before. */
  allowOrigin(origin: string): void

  /**
   * A person opens the address in a browser, signs in and consents.
   *
   * @returns the URL of the app's callback, which is not fetched.
   * @throws Error with the text of the page, when the gateway shows an error (★10).
   */
  signIn(authorizeUrl: string | URL, options?: SignInOptions): Promise<string>
  /**
   * A person opens a device's verification address and allows the device.
   *
   * @returns what the last page says.
   */
  approveDevice(verificationUri: string | URL, options?: ApproveDeviceOptions): Promise<string>

  /** A pair as a sign-in would bring it. */
  issueTokens(options?: IssueTokensOptions): Promise<IssuedTokens>
  /** A token of the old JWT service, as it stands in `auth.legacyToken`. */
  issueLegacyToken(options?: { readonly email?: string }): Promise<string>
  /** A key as key management would make it. */
  createApiKey(
    options?: CreateApiKeyOptions,
  ): Promise<{ readonly id: string; readonly key: string }>

  /** A memory as another program would write it; event streams are told of it. */
  addMemory(memory: NewStoredMemory): StoredMemory

  /** Ends the life of all access tokens; their refresh tokens stay good. */
  expireAccessTokens(): void
  /** Revokes all tokens, or those of one client. */
  revokeTokens(clientId?: string): void
  /** Makes a key useless at once. */
  revokeApiKey(id: string): void
  /** Lets a key reach the end of its life. */
  expireApiKey(id: string): void

  /** All API keys that were made, revoked ones too. */
  readonly apiKeys: readonly ApiKeyRecord[]
  /** All memories of everybody, oldest first. */
  readonly memories: readonly StoredMemory[]
}
