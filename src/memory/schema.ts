import * as z from 'zod/mini'
import { isFields } from '../json/fields.ts'
import { ifValid, orElse } from '../json/lenient.ts'
import type { FoundMemory, Memory, MemoryStats, Page } from './types.ts'

const fields = z.record(z.string(), z.unknown())
const whole = z.int().check(z.gte(0))
const date = ifValid(
  z.pipe(
    z.union([z.string(), z.number()]),
    z.transform((value) => new Date(value)),
  ),
)

/** A record of the newer (`memory_type`) or the older servers (`type`). */
const record = z.pipe(
  fields,
  z.transform((raw, context): Memory => {
    const parsed = z.safeParse(known, raw)
    if (!parsed.success) {
      context.issues.push({ code: 'custom', message: 'not a memory record', input: undefined })
      return z.NEVER
    }
    const { memory_type, type, created_at, updated_at, ...rest } = parsed.data
    return {
      ...rest,
      type: memory_type ?? type ?? 'context',
      ...validDate('createdAt', created_at),
      ...validDate('updatedAt', updated_at),
      raw,
    }
  }),
)

const known = z.object({
  id: z.string().check(z.minLength(1)),
  title: orElse(z.string(), () => ''),
  content: orElse(z.string(), () => ''),
  memory_type: ifValid(z.string()),
  type: ifValid(z.string()),
  tags: orElse(z.array(z.string()), () => []),
  metadata: orElse(fields, () => ({})),
  created_at: date,
  updated_at: date,
})

function validDate<Name extends string>(name: Name, value: Date | undefined) {
  const valid = value !== undefined && !Number.isNaN(value.getTime())
  return (valid ? { [name]: value } : {}) as { readonly [K in Name]?: Date }
}

/** Whatever a deletion answers, or nothing. */
export const anyAnswer = z.unknown()

/** One memory, wrapped or bare. */
export const memoryAnswer = z.pipe(
  z.pipe(
    z.unknown(),
    z.transform((body) => {
      const bare = isFields(body) && typeof body.id === 'string'
      return bare ? body : unwrap(body, ['data', 'memory'], isFields)
    }),
  ),
  record,
)

/** Statistics, wrapped or bare, with the names of any generation. */
export const memoryStats = z.pipe(
  z.pipe(
    z.unknown(),
    z.transform((body) => unwrap(body, ['data', 'stats'], isFields)),
  ),
  z.pipe(
    fields,
    z.transform((raw, context): MemoryStats => {
      const parsed = z.safeParse(counts, raw)
      const total = parsed.data?.total_memories ?? parsed.data?.total ?? parsed.data?.count
      if (total === undefined) {
        context.issues.push({ code: 'custom', message: 'not statistics', input: undefined })
        return z.NEVER
      }
      return { total, byType: parsed.data?.memories_by_type ?? parsed.data?.by_type ?? {}, raw }
    }),
  ),
)

const numbers = z.record(z.string(), z.number())
const counts = z.object({
  total_memories: ifValid(whole),
  total: ifValid(whole),
  count: ifValid(whole),
  memories_by_type: ifValid(numbers),
  by_type: ifValid(numbers),
})

/** The likeness of a search result stands in its record. */
export function withScore(memory: Memory): FoundMemory {
  const { similarity_score, score, similarity } = memory.raw
  const found = [similarity_score, score, similarity].find((value) => typeof value === 'number')
  return typeof found === 'number' ? { ...memory, score: found } : memory
}

/** A list of memories, wrapped in any of the known ways or bare, with what it says of its pages. */
export const memoryList = z.pipe(
  z.pipe(
    z.unknown(),
    z.transform((body): { items: unknown; pagination?: unknown } => {
      const items = unwrap(body, ['data', 'memories', 'results', 'items'], () => true)
      const outer = isFields(body) ? body : {}
      const inner = isFields(outer.data) ? outer.data : {}
      return { items, pagination: outer.pagination ?? inner.pagination ?? outer }
    }),
  ),
  z.object({
    items: z.array(record),
    pagination: orElse(
      z.object({
        total: ifValid(whole),
        limit: ifValid(whole),
        offset: ifValid(whole),
        page: ifValid(z.int().check(z.gte(1))),
        has_next: ifValid(z.boolean()),
        has_more: ifValid(z.boolean()),
      }),
      () => ({}),
    ),
  }),
)

/** Goes into the named wrappers, however many there are. */
function unwrap(
  body: unknown,
  names: readonly string[],
  accepts: (inner: unknown) => boolean,
): unknown {
  if (!isFields(body)) return body
  const name = names.find((candidate) => candidate in body && accepts(body[candidate]))
  return name === undefined ? body : unwrap(body[name], names, accepts)
}

/** @param asked what the request asked for: the answer need not repeat it */
export function toPage(
  { items, pagination }: z.output<typeof memoryList>,
  asked: { readonly limit?: number | undefined; readonly offset?: number | undefined },
): Page<Memory> {
  const limit = pagination.limit ?? asked.limit ?? items.length
  const { page, total } = pagination
  // A page number says where a page starts only for offsets that are multiples of the limit.
  const offset = pagination.offset ?? asked.offset ?? (page === undefined ? 0 : (page - 1) * limit)
  const known = pagination.has_next ?? pagination.has_more
  // Without a total a full page may be followed by another one.
  const guess =
    total === undefined ? items.length > 0 && items.length >= limit : offset + items.length < total
  return {
    items,
    limit,
    offset,
    hasMore: known ?? guess,
    ...(total === undefined ? {} : { total }),
  }
}
