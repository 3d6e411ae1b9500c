import { type PageRequest, pageRequest } from './page-request.ts'
import type { MemoryContext } from './requests.ts'
import type { CallOptions, Memory, MemoryFilter, NewMemory } from './types.ts'

/** `client.memory`: the memories of MCP Core. */
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
   * import { LanonasisClient } from '@lanonasis/auth-client'
   *
   * async function titles(client: LanonasisClient) {
   *   const { items, total } = await client.memory.list({ limit: 10 })
   *   console.log(items.length, 'of', total)
   *   for await (const memory of client.memory.list({ tags: ['tag'] })) console.log(memory.title)
   * }
   * ```
   */
  list(filter: MemoryFilter & CallOptions = {}): PageRequest<Memory> {
    return pageRequest(async (offset = filter.offset) => {
      const { listMemories } = await import('./requests.ts')
      return listMemories(await this.#context(), {
        ...filter,
        ...(offset === undefined ? {} : { offset }),
      })
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

  /** @throws AuthError `not_found`, `login_required`, … */
  async get(id: string, options: CallOptions = {}): Promise<Memory> {
    const { getMemory } = await import('./requests.ts')
    return getMemory(await this.#context(), id, options)
  }
}
