import { isFields } from '../../json/fields.ts'
import type { EventFields, McpEvent, OtherEventName } from './types.ts'

/**
 * Makes an event of one that the parser found.
 * @returns `undefined` for what only says that the service is there: greetings and heartbeats
 */
export function toEvent(name: string, text: string, id: string | undefined): McpEvent | undefined {
  if (isSign(name)) return undefined
  const data = parse(text)
  if (isKnown(name)) {
    if (name === 'message' && isSignMessage(data)) return undefined
    const fields = readable(data) ? data : {}
    return id === undefined ? { type: name, data: fields } : { type: name, data: fields, id }
  }
  // Every name but the known ones: the type cannot say it in another way.
  const type = name as OtherEventName
  return id === undefined ? { type, data } : { type, data, id }
}

/** CONTRACT §7: `connected`, `connection`, `initialized` first; `ping`, `heartbeat` every 30 s or so. */
const signs = new Set(['connected', 'connection', 'initialized', 'ping', 'heartbeat'])

const prefix = 'notifications/'

function isSign(name: string): boolean {
  return signs.has(name.startsWith(prefix) ? name.slice(prefix.length) : name)
}

/** The same without a name: as JSON-RPC, or with the name in `type`. */
function isSignMessage(data: unknown): boolean {
  if (!isFields(data)) return false
  const name = data.method ?? data.type
  return typeof name === 'string' && isSign(name)
}

type KnownName = Exclude<McpEvent['type'], OtherEventName>

const known: Readonly<Record<KnownName, true>> = {
  'memory.created': true,
  'memory.updated': true,
  'memory.deleted': true,
  tool_result: true,
  message: true,
}

function isKnown(name: string): name is KnownName {
  return Object.hasOwn(known, name)
}

/** Fields can be read of anything but nothing; those that are not there are `undefined`. */
function readable(data: unknown): data is EventFields {
  return data !== null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
