import * as z from 'zod/mini'
import type { ServiceError } from '../http/envelopes.ts'
import type { ParsedBody } from '../http/exchange.ts'
import type { Generation } from '../platform/options.ts'
import type { MemoryFields } from './memory-store.ts'

const memoryType = z.enum(['context', 'project', 'knowledge', 'reference', 'personal', 'workflow'])
const tags = z.array(z.string())
const metadata = z.record(z.string(), z.unknown())
const text = z.string().check(z.trim(), z.minLength(1))

const creation = z.object({
  title: text,
  content: text,
  type: z.optional(memoryType),
  memory_type: z.optional(memoryType),
  tags: z.optional(tags),
  metadata: z.optional(metadata),
  idempotency_key: z.optional(text),
})
const changes = z.partial(creation)
const search = z.object({
  query: text,
  type: z.optional(memoryType),
  memory_type: z.optional(memoryType),
  tags: z.optional(tags),
  limit: z.optional(z.int().check(z.minimum(1), z.maximum(100))),
  offset: z.optional(z.int().check(z.minimum(0))),
})
const wholeNumber = z.string().check(z.regex(/^\d{1,9}$/))
const listing = z.object({
  limit: z.optional(wholeNumber),
  offset: z.optional(wholeNumber),
  type: z.optional(memoryType),
  memory_type: z.optional(memoryType),
  tags: z.optional(z.string()),
})

/** Which page of which memories. */
export interface PageRequest {
  readonly type: string | undefined
  readonly tags: readonly string[] | undefined
  readonly text: string | undefined
  readonly limit: number
  readonly offset: number
}

type Parsed<Value> = { readonly value: Value } | { readonly error: ServiceError }

const defaultLimit = 20
const maximalLimit = 100

export function parseCreation(
  body: ParsedBody,
  generation: Generation,
): Parsed<MemoryFields & { readonly idempotencyKey: string | undefined }> {
  const parsed = creation.safeParse(body.fields)
  if (!parsed.success) return invalid(parsed.error)
  const { title, content, tags = [], metadata = {}, idempotency_key: idempotencyKey } = parsed.data
  const type = typeOf(parsed.data, generation) ?? 'context'
  return { value: { title, content, type, tags, metadata, idempotencyKey } }
}

export function parseChanges(
  body: ParsedBody,
  generation: Generation,
): Parsed<Partial<MemoryFields>> {
  const parsed = changes.safeParse(body.fields)
  if (!parsed.success) return invalid(parsed.error)
  const { title, content, tags, metadata } = parsed.data
  const type = typeOf(parsed.data, generation)
  return {
    value: {
      ...(title === undefined ? {} : { title }),
      ...(content === undefined ? {} : { content }),
      ...(type === undefined ? {} : { type }),
      ...(tags === undefined ? {} : { tags }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  }
}

export function parseListing(query: URLSearchParams, generation: Generation): Parsed<PageRequest> {
  const parsed = listing.safeParse(Object.fromEntries(query))
  if (!parsed.success) return invalid(parsed.error)
  const { limit, offset, tags } = parsed.data
  return {
    value: {
      type: typeOf(parsed.data, generation),
      tags: tags?.split(',').filter((tag) => tag !== ''),
      text: undefined,
      limit: Math.min(maximalLimit, Math.max(1, Number(limit ?? defaultLimit))),
      offset: Number(offset ?? 0),
    },
  }
}

export function parseSearch(body: ParsedBody, generation: Generation): Parsed<PageRequest> {
  const parsed = search.safeParse(body.fields)
  if (!parsed.success) return invalid(parsed.error)
  const { query, tags, limit = defaultLimit, offset = 0 } = parsed.data
  const type = typeOf(parsed.data, generation)
  return { value: { type, tags, text: query, limit, offset } }
}

/** Older deployments know the field as `type` only; newer ones take both names. */
function typeOf(
  fields: { readonly type?: string | undefined; readonly memory_type?: string | undefined },
  generation: Generation,
): string | undefined {
  return generation === 'roadmap' ? fields.type : (fields.memory_type ?? fields.type)
}

function invalid(error: z.core.$ZodError): { readonly error: ServiceError } {
  const details = error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
  return {
    error: { status: 400, message: 'Validation failed', code: 'VALIDATION_ERROR', details },
  }
}
