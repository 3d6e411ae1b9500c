import { joinUrl, pathSegment } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Rest } from '../http/rest.ts'
import { memoryAnswer, memoryList, toPage } from './schema.ts'
import type { CallOptions, Memory, MemoryFilter, NewMemory, Page } from './types.ts'

/** Where memories are, and how to get there. */
export interface MemoryContext {
  readonly rest: Rest
  /** Base URL of the service. */
  readonly base: string
}

const service = 'MCP Core'

export async function listMemories(
  { rest, base }: MemoryContext,
  { type, tags, limit, offset, signal }: MemoryFilter & CallOptions,
): Promise<Page<Memory>> {
  requireCount('limit', limit)
  requireCount('offset', offset)
  const url = joinUrl(base, 'memory')
  const query = { limit, offset, type, tags: tags?.length ? tags.join(',') : undefined }
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  const answer = await rest({
    method: 'GET',
    url,
    signal,
    idempotent: true,
    service,
    answer: memoryList,
  })
  return toPage(answer, { limit, offset })
}

export async function createMemory(
  { rest, base }: MemoryContext,
  memory: NewMemory,
  { signal }: CallOptions,
): Promise<Memory> {
  const { title, content, type = 'context', tags, metadata } = memory
  requireText('title', title)
  requireText('content', content)
  return rest({
    method: 'POST',
    url: joinUrl(base, 'memory'),
    body: {
      title,
      content,
      type,
      tags,
      metadata,
      idempotency_key: memory.idempotencyKey ?? crypto.randomUUID(),
    },
    signal,
    // The key makes it so: the service answers a repetition with the memory it has made.
    idempotent: true,
    service,
    answer: memoryAnswer,
  })
}

export async function getMemory(
  { rest, base }: MemoryContext,
  id: string,
  { signal }: CallOptions,
): Promise<Memory> {
  const url = joinUrl(base, `memory/${pathSegment(id, "memory's id")}`)
  return rest({ method: 'GET', url, signal, idempotent: true, service, answer: memoryAnswer })
}

function requireText(name: string, value: string): void {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new AuthError('validation_failed', `The memory's ${name} is empty.`, {
      hint: `Give a ${name}.`,
    })
  }
}

function requireCount(name: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
    throw new AuthError('validation_failed', `${name} is not a whole number of at least 0.`, {
      hint: `Give a whole number as ${name}.`,
    })
  }
}
