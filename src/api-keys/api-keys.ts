import type { CallOptions } from '../http/call-options.ts'
import type { ApiKeyOwner } from './owner.ts'
import type { ApiKeyContext } from './requests.ts'
import type {
  ApiKeyRecord,
  CreatedApiKey,
  EnsuredApiKey,
  HandOverOptions,
  NewApiKey,
} from './types.ts'

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
   * @throws AuthError `login_required`, `forbidden`, `store_unavailable`, …; `api_key_left_over` when the person signed out
   * while it was made
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
   * With `handOver` it is revoked when it does not arrive there, so that no key is left that nobody has.
   *
   * @throws AuthError `conflict` when the name is taken, `login_required`, `validation_failed`, `forbidden`, …;
   * `api_key_left_over` when a key that did not arrive could not be revoked
   */
  async create(key: NewApiKey, options: HandOverOptions = {}): Promise<CreatedApiKey> {
    const { handOver, signal } = options
    if (handOver !== undefined) {
      const { createAndHandOver } = await import('./replace.ts')
      return createAndHandOver(await this.#context(), key, { handOver, signal })
    }
    const { createApiKey } = await import('./requests.ts')
    return createApiKey(await this.#context(), key, options)
  }

  /**
   * All keys of the person, without their secrets.
   *
   * @throws AuthError `login_required`, `forbidden`, transport errors
   */
  async list(options: CallOptions = {}): Promise<readonly ApiKeyRecord[]> {
    const { listApiKeys } = await import('./requests.ts')
    return listApiKeys(await this.#context(), options)
  }

  /**
   * One key of the person, without its secret.
   *
   * @throws AuthError `not_found`, `login_required`, …
   */
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
   * With the id of another key and `handOver`, it goes the same way: the new key has another id and is
   * handed over before the old one is revoked, so that neither an interruption nor a crash loses both. What
   * `handOver` throws is thrown. A key that is revoked is not rotated.
   *
   * Either way, `replaced` in the answer says whether the old key is revoked: when the service has not
   * confirmed that, the new key is in use all the same, and the old one may still work.
   *
   * With the id alone, the service rotates it: the id stays, the old secret is dead at once, and the new
   * one is returned, this once. Whoever aborts that, or dies before the answer, has neither.
   *
   * @example
   * ```ts
   * import { createClient } from '@lanonasis/auth-client/node'
   * import { writeFile } from 'node:fs/promises'
   *
   * const lanonasis = createClient()
   * const { replaced } = await lanonasis.apiKeys.rotate('id-of-the-key', {
   *   handOver: ({ key }) => writeFile('/run/secrets/lanonasis', key, { mode: 0o600 }),
   * })
   * if (replaced?.revoked === false) console.error('The old key may still work', replaced.error)
   * ```
   *
   * @throws AuthError `not_found`, `login_required`, `store_unavailable`, …; `api_key_left_over` when a new key
   * that could not be used could not be revoked
   */
  async rotate(options?: CallOptions): Promise<EnsuredApiKey>
  async rotate(id: string, options?: HandOverOptions): Promise<CreatedApiKey | EnsuredApiKey>
  async rotate(
    first: string | CallOptions = {},
    second: HandOverOptions = {},
  ): Promise<CreatedApiKey | EnsuredApiKey> {
    const [id, options] = typeof first === 'string' ? [first, second] : [undefined, first]
    const { handOver } = second
    const owner = await this.#owner()
    const own = await owner.current()
    if (id === undefined || id === own?.id) {
      const { rotateOwnKey } = await import('./replace.ts')
      return rotateOwnKey(owner, options)
    }
    if (handOver !== undefined) {
      const { replaceKey } = await import('./replace.ts')
      return replaceKey(owner, { ...options, id, handOver })
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
