import { type Fields, fieldsOf } from '../../../json/fields.ts'
import type { ServiceError } from '../../http/envelopes.ts'
import type { ParsedBody } from '../../http/exchange.ts'
import { parseCreation, parseSearch } from '../../memory/memory-request.ts'
import { unauthorized } from '../../memory/routes.ts'
import { memoryShapes } from '../../memory/shapes.ts'
import { hasScope, type Identity } from '../../world/credentials.ts'
import type { Hub } from '../hub.ts'
import type { Outcome } from './methods.ts'

const text = { type: 'string' } as const
const number = { type: 'integer' } as const
const texts = { type: 'array', items: text } as const

/** What `tools/list` says: the same store as that of the memory routes. */
export const tools = [
  {
    name: 'create_memory',
    description: 'Creates a memory.',
    inputSchema: {
      type: 'object',
      properties: {
        title: text,
        content: text,
        type: text,
        tags: texts,
        metadata: { type: 'object' },
      },
      required: ['title', 'content'],
    },
  },
  {
    name: 'search_memories',
    description: 'Finds the memories that hold all words of a query.',
    inputSchema: {
      type: 'object',
      properties: { query: text, type: text, tags: texts, limit: number, offset: number },
      required: ['query'],
    },
  },
  {
    name: 'list_memories',
    description: 'Lists the memories, newest first.',
    inputSchema: { type: 'object', properties: { type: text, limit: number } },
  },
  {
    name: 'delete_memory',
    description: 'Deletes a memory.',
    inputSchema: { type: 'object', properties: { id: text }, required: ['id'] },
  },
] as const

type Called =
  | { readonly value: unknown }
  | { readonly error: Pick<ServiceError, 'message' | 'code'> }

/** Runs `tools/call`. What goes wrong inside of a tool is a result, as MCP asks for; an unknown tool is an error. */
export function callTool(
  session: { readonly hub: Hub; readonly identity: Identity },
  params: Fields,
): Outcome {
  const tool = tools.find(({ name }) => name === params.name)
  if (tool === undefined) {
    return { error: { code: -32602, message: `Unknown tool: ${String(params.name)}` } }
  }
  const called = run(session, { name: tool.name, given: fieldsOf(params.arguments) })
  const failed = 'error' in called
  const content = [{ type: 'text', text: JSON.stringify(failed ? called.error : called.value) }]
  const result = failed ? { content, isError: true } : { content }
  const { hub, identity } = session
  hub.tell(identity.user.id, { event: 'tool_result', data: { tool: tool.name, ...result } })
  return { result }
}

function run(
  { hub, identity }: { readonly hub: Hub; readonly identity: Identity },
  { name, given }: { readonly name: (typeof tools)[number]['name']; readonly given: Fields },
): Called {
  const { memories, settings } = hub.world
  const { user } = identity
  const shapes = memoryShapes(settings.generation)
  const body: ParsedBody = { kind: 'json', fields: given }
  const writes = name === 'create_memory' || name === 'delete_memory'
  if (user.organizationId === undefined) return { error: unauthorized }
  if (!hasScope(identity, writes ? 'memories:write' : 'memories:read')) {
    return { error: { code: 'SCOPE_INSUFFICIENT', message: 'Insufficient scope' } }
  }
  switch (name) {
    case 'create_memory': {
      const parsed = parseCreation(body, settings.generation)
      return 'error' in parsed
        ? parsed
        : { value: shapes.record(memories.create(user, parsed.value)) }
    }
    case 'search_memories': {
      const parsed = parseSearch(body, settings.generation)
      if ('error' in parsed) return parsed
      const { limit, offset, ...filter } = parsed.value
      const found = memories.select(user.id, filter).slice(offset, offset + limit)
      return { value: found.map(shapes.record) }
    }
    case 'list_memories': {
      const { type, limit } = given
      const found = memories.select(user.id, { type: typeof type === 'string' ? type : undefined })
      return { value: found.slice(0, typeof limit === 'number' ? limit : 20).map(shapes.record) }
    }
    case 'delete_memory': {
      const memory = memories.get(String(given.id), user.id)
      if (memory === undefined) {
        return { error: { code: 'NOT_FOUND', message: 'Memory not found' } }
      }
      memories.delete(memory)
      return { value: { id: memory.id, deleted: true } }
    }
  }
}
