import type { CallOptions } from '../http/call-options.ts'
import { type PageRequest, pageRequest } from './page-request.ts'
import type { MemoryContext } from './requests.ts'
import type {
  FoundMemory,
  Memory,
  MemoryChanges,
  MemoryFilter,
  MemorySearch,
  MemoryStats,
  NewMemory,
} from './types.ts'

/** `client.memory`: the memories of MCP Core, or of the REST API with `legacyApi`. */
export class MemoryApi {
  readonly #context: () => Promise<MemoryContext>

  /** @internal */
  constructor(context: () => Promise<MemoryContext>) {
    this.#context = context
  }

  /**
   * Lists memories. Await it for one page, iterate it for all.
   *
   * @throws AuthError `login_required`, `validation_failed`, `rate_limited`, …
   * @example
   * ```ts
   * import type { LanonasisClient } from '@lanonasis/auth-client'
   *
   * async function titles(client: LanonasisClient) {
   *   const { items, total } = await client.memory.list({ limit: 10 })
   *   console.log(items.length, 'of', total)
   *   for await (const memory of client.memory.list({ tags: ['tag'] })) console.log(memory.title)
   * }
   * ```
   */
  list(filter: MemoryFilter & CallOptions = {}): PageRequest<Memory> {
    return pageRequest(async (offset) => {
      const { listMemories } = await import('./requests.ts')
      return listMemories(await this.#context(), startingAt(filter, offset))
    })
  }

  /**
   * Searches memories by meaning. Await it for one page, iterate it for all.
   *
   * @throws AuthError `login_required`, `validation_failed`, `rate_limited`, …
   */
  search(search: MemorySearch & CallOptions): PageRequest<FoundMemory> {
    return pageRequest(async (offset) => {
      const { searchMemories } = await import('./requests.ts')
      return searchMemories(await this.#context(), startingAt(search, offset))
    })
  }

  /**
   * Creates a memory. It carries an idempotency key, so a lost answer is repeated without a duplicate.
   *
   * @throws AuthError `login_required`, `validation_failed`, `forbidden`, …
   */
  async create(memory: NewMemory, options: CallOptions = {}): Promise<Memory> {
    const { createMemory } = await import('./requests.ts')
    return createMemory(await this.#context(), memory, options)
  }

  /**
   * Reads one memory, with its whole content.
   *
   * @throws AuthError `not_found`, `login_required`, …
   */
  async get(id: string, options: CallOptions = {}): Promise<Memory> {
    const { getMemory } = await import('./requests.ts')
    return getMemory(await this.#context(), id, options)
  }

  /**
   * Changes what is given and leaves the rest as it is.
   *
   * @throws AuthError `not_found`, `validation_failed`, `login_required`, …
   */
  async update(id: string, changes: MemoryChanges, options: CallOptions = {}): Promise<Memory> {
    const { updateMemory } = await import('./requests.ts')
    return updateMemory(await this.#context(), id, { ...options, changes })
  }

  /**
   * Removes one memory for good.
   *
   * @throws AuthError `not_found`, `login_required`, …
   */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    const { deleteMemory } = await import('./requests.ts')
    return deleteMemory(await this.#context(), id, options)
  }

  /**
   * Counts the memories, in all and by type.
   *
   * @throws AuthError `login_required`, `service_unavailable`, transport errors
   */
  async stats(options: CallOptions = {}): Promise<MemoryStats> {
    const { readMemoryStats } = await import('./requests.ts')
    return readMemoryStats(await this.#context(), options)
  }
}

function startingAt<Filter extends MemoryFilter>(
  filter: Filter,
  offset: number | undefined,
): Filter {
  return offset === undefined ? filter : { ...filter, offset }
}
