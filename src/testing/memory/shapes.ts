import { json, noContent } from '../http/answers.ts'
import type { Answer } from '../http/exchange.ts'
import type { Generation } from '../platform/options.ts'
import type { StoredMemory } from './memory-store.ts'

/** One page of memories, before it is put into a shape. */
interface MemoryPage {
  readonly memories: readonly StoredMemory[]
  readonly total: number
  readonly limit: number
  readonly offset: number
}

/** How one generation writes its answers (★22). */
export interface MemoryShapes {
  record(memory: StoredMemory): Record<string, unknown>
  one(status: number, memory: StoredMemory): Answer
  page(page: MemoryPage): Answer
  stats(memories: readonly StoredMemory[]): Answer
  deleted(memory: StoredMemory): Answer
}

/** `roadmap` answers are bare and call the type `type`; those of 2026 are wrapped and call it `memory_type`. */
export function memoryShapes(generation: Generation): MemoryShapes {
  return generation === 'roadmap' ? bare : wrapped
}

const bare: MemoryShapes = {
  record: (memory) => ({ ...common(memory), type: memory.type }),
  one: (status, memory) => json(status, bare.record(memory)),
  page: ({ memories, total, limit, offset }) =>
    json(200, {
      memories: memories.map(bare.record),
      pagination: { page: pageNumber(limit, offset), limit, total, pages: pages(total, limit) },
    }),
  stats: (memories) => json(200, statistics(memories)),
  deleted: () => noContent(),
}

const wrapped: MemoryShapes = {
  record: (memory) => ({ ...common(memory), memory_type: memory.type }),
  one: (status, memory) => json(status, { data: wrapped.record(memory) }),
  page: ({ memories, total, limit, offset }) =>
    json(200, {
      data: memories.map(wrapped.record),
      pagination: {
        total,
        limit,
        offset,
        has_next: offset + memories.length < total,
        has_previous: offset > 0,
        page: pageNumber(limit, offset),
        pages: pages(total, limit),
      },
    }),
  stats: (memories) => json(200, { data: statistics(memories) }),
  deleted: (memory) => json(200, { data: { id: memory.id, deleted: true } }),
}

function common(memory: StoredMemory): Record<string, unknown> {
  return {
    id: memory.id,
    user_id: memory.userId,
    organization_id: memory.organizationId,
    title: memory.title,
    content: memory.content,
    tags: memory.tags,
    metadata: memory.metadata,
    created_at: new Date(memory.createdAt).toISOString(),
    updated_at: new Date(memory.updatedAt).toISOString(),
  }
}

function statistics(memories: readonly StoredMemory[]): Record<string, unknown> {
  const byType: Record<string, number> = {}
  for (const { type } of memories) byType[type] = (byType[type] ?? 0) + 1
  return { total_memories: memories.length, memories_by_type: byType }
}

function pageNumber(limit: number, offset: number): number {
  return Math.floor(offset / limit) + 1
}

function pages(total: number, limit: number): number {
  return Math.ceil(total / limit)
}
