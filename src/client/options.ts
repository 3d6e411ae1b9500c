import type { Diagnostics } from '../doctor/platform.ts'
import type { Endpoints, Environment } from '../endpoints/presets.ts'
import type { Env } from '../endpoints/resolve.ts'
import type { Fetch } from '../http/transport.ts'
import type { Lock } from '../lock/lock.ts'
import type { LoginFlow, LoginPrompt } from '../login/flow.ts'
import type { WebSockets } from '../mcp/web-socket.ts'
import type { TokenStore } from '../store/store.ts'

/** What every client can be made with. */
interface CommonOptions {
  /** The OAuth client, as it is registered at the authorization server. Tokens are bound to it (★14). */
  readonly clientId: string
  /** Space-delimited; default `memories:read memories:write`. Empty: the server decides (RFC 6749 §3.3). */
  readonly scope?: string | undefined
  /** Several accounts of one person in one store; default `default`. */
  readonly profile?: string | undefined
  /**
   * Where credentials are kept; default: this process's memory. Of a list (a keychain, then a file) the
   * first store that works is used, and from the first sign-in on this machine stays with it: where it
   * cannot be reached later, that is `store_unavailable` and not another place.
   */
  readonly store?: TokenStore | readonly TokenStore[] | undefined
  /** Mutual exclusion as wide as the store is shared; default: the store's own. */
  readonly lock?: Lock | undefined
  /** How a person signs in: the first flow that fits is used. */
  readonly login?: LoginFlow | readonly LoginFlow[] | undefined
  /** `never`: `login()` fails with `login_required` instead of asking anybody, as in a job or a test. */
  readonly interaction?: 'allowed' | 'never' | undefined
  /**
   * Renews the session shortly before it ends, without being asked: for programs that stay up. Its
   * timers do not keep a process alive. Default `false`: the session is renewed when a token is needed.
   */
  readonly autoRefresh?: boolean | undefined
  /** Default: the platform's own, looked up at each call. */
  readonly fetch?: Fetch | undefined
  /** What opens sockets; default: `ws` in `./node`, the platform's own class elsewhere. */
  readonly webSocket?: WebSockets | undefined
  /** The wall clock, epoch ms; default `Date.now`. Every expiry is judged by it. */
  readonly now?: (() => number) | undefined
  /** Time limit of one request until its answer begins, ms; default 10,000. */
  readonly timeoutMs?: number | undefined
  /**
   * The `traceparent` of the current span (W3C Trace Context), asked for at each request; it goes along
   * with requests to the services. `client.fetch` passes on a caller's own header as well.
   */
  readonly traceparent?: (() => string | undefined) | undefined
  /** How token requests are written: `json` for the Lanonasis gateway, `form` for every other server. */
  readonly tokenRequestFormat?: 'json' | 'form' | undefined
}

/** Where the Lanonasis services are. */
interface EndpointOptions {
  /** Addresses of single services; they outweigh everything else. */
  readonly endpoints?: Partial<Endpoints> | undefined
  /** A preset; it outweighs environment variables. */
  readonly environment?: Environment | undefined
  /** Environment variables; default: those of the process, where there are any. */
  readonly env?: Env | undefined
  /**
   * The `services` block of a config file. It is not the user's own word: a stored credential goes to
   * an address from here only if it was obtained for it (★1).
   */
  readonly services?: Readonly<Record<string, unknown>> | undefined
}

/** Options of `AuthClient`: sign-in and session with one authorization server. */
export interface AuthClientOptions extends CommonOptions, EndpointOptions {
  /** Any authorization server, found by its metadata (RFC 8414). Without it: the Lanonasis gateway. */
  readonly issuer?: string | undefined
  /** With `issuer`: origins besides its own that its access tokens may go to. */
  readonly resources?: readonly string[] | undefined
}

/** Options of `LanonasisClient`. */
export interface LanonasisClientOptions extends CommonOptions, EndpointOptions {
  /** An API key for MCP Core. It outweighs a stored one, and is never stored. */
  readonly apiKey?: string | undefined
  /**
   * Where API keys are managed: the URL of the collection `…/api-keys`, at one of the services. Default
   * `{mcpHttp}/auth/api-keys`; also seen: `{authGateway}/api/v1/auth/api-keys`, `{authGateway}/api/v1/api-keys`,
   * `{restApi}/api-keys`.
   */
  readonly apiKeysUrl?: string | undefined
  /** Memories at the old REST API instead of MCP Core: the roadmap's `--legacy-api`. */
  readonly legacyApi?: boolean | undefined
  /** What `doctor()` can look at on this platform besides; `./node` has certificates and files. */
  readonly diagnostics?: Diagnostics | undefined
  /** Sent as `X-Project-Scope` with requests to the services. */
  readonly projectScope?: string | undefined
}

/** Options of `client.login`. */
export interface LoginOptions {
  /** Gives up the sign-in and releases everything it holds. */
  readonly signal?: AbortSignal | undefined
  /** Another scope than the client's. */
  readonly scope?: string | undefined
  /** Told what the person has to do; see {@link LoginPrompt}. */
  readonly onPrompt?: ((prompt: LoginPrompt) => void) | undefined
}

/** With what the client does when the person is signed in, for a sign-in that leaves the page. */
export interface SignInOptions extends LoginOptions {
  /** As JSON. */
  readonly afterwards?: unknown
}

/** Options of `client.logout`. */
export interface LogoutOptions {
  /** What becomes of the stored API key: `forget` it here (default), `keep` it, or `revoke` it at the service. */
  readonly apiKey?: 'forget' | 'keep' | 'revoke' | undefined
  /** Waits no longer for the server; everything is forgotten here all the same, and a store that hangs is `store_unavailable` soon. */
  readonly signal?: AbortSignal | undefined
}

/** What came of a sign-out. Locally everything is gone in any case. */
export interface LogoutResult {
  /** Whether the server confirmed that the tokens are dead, and with `apiKey: 'revoke'` the stored key as well. */
  readonly revoked: boolean
  /** Why it did not; for both, where both live on. */
  readonly reason?: string
  /**
   * What may still be accepted by the services: never empty. Absent where everything is dead that was to be, and
   * where there was nothing.
   */
  readonly alive?: readonly ('tokens' | 'api-key')[]
}
