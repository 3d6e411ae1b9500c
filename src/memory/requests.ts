import { joinUrl, pathSegment } from '../endpoints/url.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { CallOptions } from '../http/call-options.ts'
import type { Rest, RestCall } from '../http/rest.ts'
import { type Collection, type CollectionName, createCollection } from './collection.ts'
import { anyAnswer, memoryAnswer, memoryList, memoryStats, toPage, withScore } from './schema.ts'
import type {
  FoundMemory,
  Memory,
  MemoryChanges,
  MemoryFilter,
  MemorySearch,
  MemoryStats,
  NewMemory,
  Page,
} from './types.ts'

/** Where memories are, and how to get there. */
export interface MemoryContext {
  readonly rest: Rest
  /** Base URL of the service. */
  readonly base: string
  /** For error messages. */
  readonly service: string
  readonly collection: Collection
}

/** @param service how the person knows it, for error messages */
export function memoryContext({
  rest,
  base,
  service,
}: Omit<MemoryContext, 'collection'>): MemoryContext {
  const exists = async (name: CollectionName) => {
    const url = joinUrl(base, `${name}?limit=1`)
    try {
      await rest({ method: 'GET', url, idempotent: true, service, answer: memoryList })
      return true
    } catch (error) {
      return isAuthError(error, 'not_found') ? false : undefined
    }
  }
  return { rest, base, service, collection: createCollection(exists) }
}

export async function listMemories(
  context: MemoryContext,
  { type, tags, limit, offset, signal }: MemoryFilter & CallOptions,
): Promise<Page<Memory>> {
  requireCount('limit', limit)
  requireCount('offset', offset)
  const query = new URLSearchParams()
  const fields = { limit, offset, type, tags: tags?.length ? tags.join(',') : undefined }
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) query.set(name, String(value))
  }
  const answer = await call(context, `?${query}`, {
    method: 'GET',
    idempotent: true,
    answer: memoryList,
    signal,
  })
  return toPage(answer, { limit, offset })
}

export async function createMemory(
  context: MemoryContext,
  memory: NewMemory,
  { signal }: CallOptions,
): Promise<Memory> {
  const { title, content, type = 'context', tags, metadata } = memory
  requireText('title', title)
  requireText('content', content)
  const idempotency_key = memory.idempotencyKey ?? crypto.randomUUID()
  return call(context, '', {
    method: 'POST',
    body: { title, content, type, tags, metadata, idempotency_key },
    // The key makes it so: the service answers a repetition with the memory it has made.
    idempotent: true,
    answer: memoryAnswer,
    signal,
  })
}

export async function getMemory(
  context: MemoryContext,
  id: string,
  { signal }: CallOptions,
): Promise<Memory> {
  return call(context, idPath(id), {
    method: 'GET',
    idempotent: true,
    answer: memoryAnswer,
    signal,
  })
}

export async function updateMemory(
  context: MemoryContext,
  id: string,
  { changes, signal }: { changes: MemoryChanges } & CallOptions,
): Promise<Memory> {
  const { title, content, type, tags, metadata } = changes
  if (title !== undefined) requireText('title', title)
  if (content !== undefined) requireText('content', content)
  return call(context, idPath(id), {
    method: 'PUT',
    body: { title, content, type, tags, metadata },
    idempotent: true,
    answer: memoryAnswer,
    signal,
  })
}

export async function deleteMemory(
  context: MemoryContext,
  id: string,
  { signal }: CallOptions,
): Promise<void> {
  await call(context, idPath(id), { method: 'DELETE', idempotent: true, answer: anyAnswer, signal })
}

export async function searchMemories(
  context: MemoryContext,
  { query, type, tags, limit, offset, threshold, signal }: MemorySearch & CallOptions,
): Promise<Page<FoundMemory>> {
  requireText('query', query)
  requireCount('limit', limit)
  requireCount('offset', offset)
  const answer = await call(context, '/search', {
    method: 'POST',
    body: { query, type, tags, limit, offset, threshold },
    // It changes nothing.
    idempotent: true,
    answer: memoryList,
    signal,
  })
  const page = toPage(answer, { limit, offset })
  return { ...page, items: page.items.map(withScore) }
}

export async function readMemoryStats(
  context: MemoryContext,
  { signal }: CallOptions,
): Promise<MemoryStats> {
  return call(context, '/stats', { method: 'GET', idempotent: true, answer: memoryStats, signal })
}

function call<Schema extends RestCall['answer']>(
  { rest, base, service, collection }: MemoryContext,
  path: string,
  request: Omit<RestCall<Schema>, 'url' | 'service'>,
) {
  return collection.reach(
    (name) => rest({ ...request, url: joinUrl(base, `${name}${path}`), service }),
    request.signal,
  )
}

function idPath(id: string): string {
  return `/${pathSegment(id, "memory's id")}`
}

function requireText(name: string, value: string): void {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new AuthError('validation_failed', `The ${name} is empty.`, { hint: `Give a ${name}.` })
  }
}

function requireCount(name: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
    throw new AuthError('validation_failed', `${name} is not a whole number of at least 0.`, {
      hint: `Give a whole number as ${name}.`,
    })
  }
}
