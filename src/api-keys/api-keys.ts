import type { CallOptions } from '../http/call-options.ts'
import type { ApiKeyContext } from './requests.ts'
import type { ApiKeyRecord, CreatedApiKey, EnsuredApiKey, NewApiKey } from './types.ts'

/** What `client.apiKeys` needs of its client. */
export interface ApiKeyOwner {
  readonly context: () => Promise<ApiKeyContext>
  /** The key in use, if there is one; no request. */
  readonly current: () => Promise<EnsuredApiKey | undefined>
  /** Asks a service whether it takes this key. */
  readonly verify: (key: string, signal: AbortSignal | undefined) => Promise<void>
  /**
   * Stores a new key as the one in use, unless the person has signed out or has another key by now.
   * @param replaces the id of the key whose place it takes; `undefined`: there was none
   */
  readonly keep: (key: CreatedApiKey, replaces: string | undefined) => Promise<boolean>
  /** Forgets the key in use, if it has this id. */
  readonly forget: (id: string) => Promise<void>
  /** Runs `work` for one caller at a time, over all processes that share the store. */
  readonly exclusively: <T>(signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>
}

/** `client.apiKeys`: keys for MCP Core, managed with the person's session. */
export class ApiKeysApi {
  readonly #owner: () => Promise<ApiKeyOwner>

  /** @internal */
  constructor(owner: () => Promise<ApiKeyOwner>) {
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
  async ensure(key: NewApiKey, { signal }: CallOptions = {}): Promise<EnsuredApiKey> {
    const owner = await this.#owner()
    const { current, exclusively, context } = owner
    const held = await current()
    if (held !== undefined) return held
    return exclusively(signal, async () => {
      // Somebody may have made one while we waited.
      const meanwhile = await current()
      if (meanwhile !== undefined) return meanwhile
      const { createUnderFreeName, putInUse } = await import('./replace.ts')
      const created = await createUnderFreeName(await context(), key, { signal })
      return putInUse(owner, created)
    })
  }

  /**
   * Creates a key and returns it, this once. It is not stored: for another program, or for a person to copy.
   *
   * @throws AuthError `conflict` when the name is taken, `login_required`, `validation_failed`, `forbidden`, …
   */
  async create(key: NewApiKey, options: CallOptions = {}): Promise<CreatedApiKey> {
    const { createApiKey } = await import('./requests.ts')
    return createApiKey(await this.#context(), key, options)
  }

  /** All keys of the person, without their secrets. */
  async list(options: CallOptions = {}): Promise<readonly ApiKeyRecord[]> {
    const { listApiKeys } = await import('./requests.ts')
    return listApiKeys(await this.#context(), options)
  }

  /** @throws AuthError `not_found`, `login_required`, … */
  async get(id: string, options: CallOptions = {}): Promise<ApiKeyRecord> {
    const { getApiKey } = await import('./requests.ts')
    return getApiKey(await this.#context(), id, options)
  }

  /**
   * Rotates a key.
   *
   * Without an id, or with that of the key in use: a new key is created and tried, then stored, and
   * only then is the old one revoked, so that at no moment there is none that works (★21). The new
   * key has another id and a suffixed name, and is not returned, because it is stored.
   *
   * With the id of another key, the service rotates it: the id stays, the old secret is dead at once,
   * and the new one is returned, this once.
   *
   * @throws AuthError `not_found`, `login_required`, `store_unavailable`, …
   */
  async rotate(options?: CallOptions): Promise<EnsuredApiKey>
  async rotate(id: string, options?: CallOptions): Promise<CreatedApiKey | EnsuredApiKey>
  async rotate(
    first: string | CallOptions = {},
    second: CallOptions = {},
  ): Promise<CreatedApiKey | EnsuredApiKey> {
    const [id, options] = typeof first === 'string' ? [first, second] : [undefined, first]
    const owner = await this.#owner()
    const own = await owner.current()
    if (id === undefined || id === own?.id) {
      const { rotateOwnKey } = await import('./replace.ts')
      return rotateOwnKey(owner, options)
    }
    const { rotateApiKey } = await import('./requests.ts')
    return rotateApiKey(await this.#context(), id, options)
  }

  /** Makes a key useless; it stays in the list. Where it is the one in use, it is forgotten here. @throws AuthError `not_found`, … */
  async revoke(id: string, options: CallOptions = {}): Promise<void> {
    const { revokeApiKey } = await import('./requests.ts')
    await revokeApiKey(await this.#context(), id, options)
    await (await this.#owner()).forget(id)
  }

  /** Removes a key for good. @throws AuthError `not_found`, … */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    const { deleteApiKey } = await import('./requests.ts')
    await deleteApiKey(await this.#context(), id, options)
    await (await this.#owner()).forget(id)
  }

  async #context(): Promise<ApiKeyContext> {
    return (await this.#owner()).context()
  }
}

/** What is said of a key that was just made. */
export function describeOwn({ publicId, kind, id, name }: CreatedApiKey): EnsuredApiKey {
  return { publicId, kind, id, name, created: true }
}
