import type { ApiKeyContext } from './requests.ts'
import type { CreatedApiKey, EnsuredApiKey, NewApiKey } from './types.ts'

/** What `client.apiKeys` needs of its client. */
export interface ApiKeyOwner {
  readonly context: () => Promise<ApiKeyContext>
  /** The key in use, if there is one; no request. */
  readonly current: (signal?: AbortSignal) => Promise<EnsuredApiKey | undefined>
  /** Stores a key as the one in use. */
  readonly keep: (key: CreatedApiKey) => Promise<void>
  /** Runs `work` for one caller at a time, over all processes that share the store. */
  readonly exclusively: <T>(signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>
}

/** `client.apiKeys`: keys for MCP Core, managed with the person's session. */
export class ApiKeysApi {
  readonly #owner: ApiKeyOwner

  /** @internal */
  constructor(owner: ApiKeyOwner) {
    this.#owner = owner
  }

  /**
   * Makes sure that there is an API key to call MCP Core with: the one that is held, or a new one that
   * is stored beside the tokens. With a key there is no request.
   *
   * When the name is taken by a key whose secret is not here, the new key gets a suffixed name; the
   * other one is left alone.
   *
   * @throws AuthError `login_required`, `forbidden`, `store_unavailable`, …
   */
  async ensure(key: NewApiKey, { signal }: { signal?: AbortSignal } = {}): Promise<EnsuredApiKey> {
    const { current, exclusively, context, keep } = this.#owner
    const held = await current(signal)
    if (held !== undefined) return held
    return exclusively(signal, async () => {
      // Somebody may have made one while we waited.
      const meanwhile = await current(signal)
      if (meanwhile !== undefined) return meanwhile
      const { createUnderFreeName } = await import('./create-under-free-name.ts')
      const created = await createUnderFreeName(await context(), key, { signal })
      await keep(created)
      const { publicId, kind, id, name } = created
      return { publicId, kind, id, name, created: true }
    })
  }

  /**
   * Creates a key and returns it, this once. It is not stored: for another program, or for a person to copy.
   *
   * @throws AuthError `conflict` when the name is taken, `login_required`, `validation_failed`, `forbidden`, …
   */
  async create(key: NewApiKey, { signal }: { signal?: AbortSignal } = {}): Promise<CreatedApiKey> {
    const { createApiKey } = await import('./requests.ts')
    return createApiKey(await this.#owner.context(), key, { signal })
  }
}
