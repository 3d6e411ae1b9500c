import { isFields } from '../../json/fields.ts'
import type { EventFields, McpEvent, OtherEventName } from './types.ts'

/**
 * Makes an event of one that the parser found. Every event comes through here: one look at its name.
 *
 * @param name `undefined`: it has none
 * @returns `undefined` for what only says that the service is there: greetings and heartbeats
 */
export function toEvent(
  name: string | undefined,
  text: string,
  id: string | undefined,
): McpEvent | undefined {
  const known = name === undefined ? 'message' : names.get(name)
  if (known === 'sign') return undefined
  const data = parse(text)
  if (known === undefined) {
    // Every name but the known ones: the type cannot say it in another way.
    const type = name as OtherEventName
    return id === undefined ? { type, data } : { type, data, id }
  }
  if (known === 'message' && isSign(data)) return undefined
  const fields = readable(data) ? data : {}
  return id === undefined ? { type: known, data: fields } : { type: known, data: fields, id }
}

type KnownName = Exclude<McpEvent['type'], OtherEventName>

const known: Readonly<Record<KnownName, true>> = {
  'memory.created': true,
  'memory.updated': true,
  'memory.deleted': true,
  tool_result: true,
  message: true,
}

/** CONTRACT §7: `connected`, `connection`, `initialized` first; `ping`, `heartbeat` every 30 s or so. */
const signs = new Set(
  ['connected', 'connection', 'initialized', 'ping', 'heartbeat'].flatMap((name) => [
    name,
    `notifications/${name}`,
  ]),
)

const names: ReadonlyMap<string, KnownName | 'sign'> = new Map([
  ...Object.keys(known)
    .filter(isKnown)
    .map((name) => [name, name] as const),
  ...[...signs].map((name) => [name, 'sign'] as const),
])

function isKnown(name: string): name is KnownName {
  return Object.hasOwn(known, name)
}

/** The same without a name: as JSON-RPC, or with the name in `type`. */
function isSign(data: unknown): boolean {
  if (!isFields(data)) return false
  const name = data.method ?? data.type
  return typeof name === 'string' && signs.has(name)
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
