import type { FoundMemory, Memory, MemoryFilter, NewMemory } from '@lanonasis/auth-client'
import { type Command, InvalidArgumentError } from 'commander'
import { add, count } from '../../glue/numbers.js'
import { facts } from '../../glue/table.js'
import { lines } from '../../glue/text.js'

/** Options that say what a memory is; `create` and `update` share them. */
export interface Fields {
  readonly title?: string
  readonly content?: string
  readonly type?: string
  readonly tag?: readonly string[]
  readonly metadata?: Record<string, unknown>
}

export function withFields(command: Command): Command {
  return command
    .option('--content <text>', 'the content; - reads standard input')
    .option('--type <type>', 'context, project, knowledge, reference, personal, workflow, …')
    .option('--tag <tag>', 'a tag; may be repeated', add)
    .option('--metadata <json>', 'a JSON object', jsonObject)
}

/** The tags are `tags` to the library. */
export function toMemory({ tag, ...fields }: Fields): Partial<NewMemory> {
  return { ...fields, ...(tag && { tags: tag }) }
}

/** Options that say which memories; `list` and `search` share them. */
export interface Filter {
  readonly type?: string
  readonly tag?: readonly string[]
  readonly limit?: number
  readonly offset?: number
}

export function withFilter(command: Command): Command {
  return command
    .option('--type <type>', 'only of this type')
    .option('--tag <tag>', 'only with this tag; may be repeated', add)
    .option('--limit <number>', 'how many at once', count)
    .option('--offset <number>', 'how many to skip', count)
}

export function toFilter({ tag, type, limit, offset }: Filter): MemoryFilter {
  return {
    ...(tag && { tags: tag }),
    ...(type !== undefined && { type }),
    ...(limit !== undefined && { limit }),
    ...(offset !== undefined && { offset }),
  }
}

export const columns = ['ID', 'TYPE', 'CHANGED', 'TITLE', 'TAGS'] as const

export function toRow({ id, type, updatedAt, createdAt, title, tags }: Memory): readonly string[] {
  const changed = (updatedAt ?? createdAt)?.toISOString().slice(0, 10) ?? ''
  return [id, type, changed, title, tags.join(' ')]
}

/** Without the service's own form of it, which has all of it a second time. */
export function toJson({ raw, ...memory }: FoundMemory) {
  return memory
}

export async function toText(memory: Memory): Promise<string> {
  const { id, title, type, tags, createdAt, updatedAt, content } = memory
  const about = await facts([
    ['id', id],
    ['title', title],
    ['type', type],
    ['tags', tags.join(' ') || undefined],
    ['created', createdAt?.toISOString()],
    ['changed', updatedAt?.toISOString()],
  ])
  return `${about}\n\n${await lines(content)}`
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It is not a JSON object.')
}
