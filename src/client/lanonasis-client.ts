import type { ApiKeyOwner } from '../api-keys/api-keys.ts'
import { ApiKeysApi } from '../api-keys/api-keys.ts'
import { assertApiKey } from '../api-keys/inspect.ts'
import type { EnsuredApiKey, NewApiKey } from '../api-keys/types.ts'
import type { Endpoints } from '../endpoints/presets.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Rest } from '../http/rest.ts'
import { MemoryApi } from '../memory/memory-api.ts'
import { Secret } from '../secret/secret.ts'
import type { HeldApiKey } from '../session/account.ts'
import type { Session } from '../session/session.ts'
import { nameOf } from '../store/store.ts'
import { AuthClient, coreOf } from './auth-client.ts'
import type { ClientCore } from './core.ts'
import type {
  LanonasisClientOptions,
  LoginOptions,
  LogoutOptions,
  LogoutResult,
} from './options.ts'

/** Options of `LanonasisClient.login`. */
export interface LanonasisLoginOptions extends LoginOptions {
  /** Makes sure of an API key as well, in one go: see `apiKeys.ensure`. */
  readonly apiKey?: NewApiKey | undefined
}

/**
 * The client of the Lanonasis services: sign-in, session, API keys and memories.
 *
 * The same class serves every platform; `createClient` of `./node` only fills in that platform's defaults.
 *
 * @example
 * ```ts
 * import { createClient } from '@lanonasis/auth-client/node'
 *
 * const lanonasis = createClient({ clientId: 'lanonasis-cli' })
 * await lanonasis.login()
 * await lanonasis.apiKeys.ensure({ name: 'my-laptop' })
 * await lanonasis.memory.create({ title: 'Example', content: 'Details', type: 'context' })
 * ```
 */
export class LanonasisClient extends AuthClient {
  /** Where the services are, as resolved when the client was made. Frozen. */
  readonly endpoints: Endpoints
  /** Keys for MCP Core. */
  readonly apiKeys: ApiKeysApi
  /** Memories of MCP Core. */
  readonly memory: MemoryApi

  /** @throws AuthError `config_invalid`, `api_key_malformed`, `api_key_incomplete`, naming what is wrong */
  constructor(options: LanonasisClientOptions) {
    super(options)
    const core = coreOf(this)
    const { endpoints } = core.settings
    if (endpoints === undefined) {
      throw new AuthError('config_invalid', 'LanonasisClient takes no issuer.', {
        hint: 'Use AuthClient for another authorization server.',
      })
    }
    this.endpoints = endpoints.urls
    const rest = lazyRest(core)
    const context = async () => ({ rest: await rest(), base: endpoints.urls.mcpHttp })
    this.apiKeys = new ApiKeysApi(apiKeyOwner(core, context))
    this.memory = new MemoryApi(context)
  }

  override async login(options: LanonasisLoginOptions = {}): Promise<Session> {
    const { apiKey, ...rest } = options
    const session = await super.login(rest)
    if (apiKey === undefined) return session
    const { signal } = options
    await this.apiKeys.ensure(apiKey, signal === undefined ? {} : { signal })
    return this.getSession()
  }

  override async logout(options: LogoutOptions = {}): Promise<LogoutResult> {
    if (options.apiKey !== 'revoke') return super.logout(options)
    const refusal = await this.#revokeStoredKey()
    const result = await super.logout(options)
    return refusal === undefined ? result : { revoked: false, reason: refusal }
  }

  /**
   * Stores an API key, as a person copied it from the dashboard, beside the session.
   *
   * @throws AuthError `api_key_incomplete` when only one half was copied, `api_key_malformed`, `store_unavailable`
   */
  async setApiKey(text: string): Promise<void> {
    assertApiKey(text, 'The API key')
    await keepApiKey(coreOf(this), { secret: new Secret(text) })
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), endpoints: this.endpoints }
  }

  /** @returns why it could not be revoked */
  async #revokeStoredKey(): Promise<string | undefined> {
    const core = coreOf(this)
    const { apiKey } = await core.keeper.account()
    if (apiKey === undefined) return undefined
    if (apiKey.id === undefined)
      return 'The API key was not created here; revoke it in the dashboard.'
    try {
      const { revokeApiKey } = await import('../api-keys/requests.ts')
      const rest = await lazyRest(core)()
      await revokeApiKey({ rest, base: this.endpoints.mcpHttp }, apiKey.id, {})
      return undefined
    } catch (error) {
      if (!isAuthError(error)) throw error
      return error.message
    }
  }
}

/** The REST layer with ky and zod, loaded on first use. */
function lazyRest(core: ClientCore): () => Promise<Rest> {
  let rest: Promise<Rest> | undefined
  return () => {
    rest ??= import('../http/rest.ts').then(({ createRest }) =>
      createRest({ fetch: core.fetch, now: core.settings.now }),
    )
    return rest
  }
}

function apiKeyOwner(core: ClientCore, context: ApiKeyOwner['context']): ApiKeyOwner {
  const { lock, key: storeKey } = core.settings
  return {
    context,
    async current() {
      const { apiKey } = core.settings
      if (apiKey !== undefined) return describe({ secret: apiKey })
      await core.keeper.account()
      const held = core.keeper.known?.apiKey
      return held && describe(held)
    },
    async keep({ key, id, name }) {
      await keepApiKey(core, { secret: new Secret(key), id, name })
    },
    exclusively: (signal, work) =>
      // A lock of its own: inside it the session may have to be renewed, under the session's lock.
      lock.withLock(`${nameOf(storeKey)}#api-key`, { timeoutMs: 60_000, signal }, async () => {
        await core.keeper.reload()
        return work()
      }),
  }
}

async function keepApiKey(core: ClientCore, apiKey: HeldApiKey): Promise<void> {
  const { origins } = core.settings
  await core.keeper.update((account) => ({ ...account, apiKey: { ...apiKey, origins } }))
}

function describe({ secret, id, name }: HeldApiKey): EnsuredApiKey {
  const { publicId, kind } = assertApiKey(secret.reveal(), 'The API key')
  return {
    publicId,
    kind,
    created: false,
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
  }
}
