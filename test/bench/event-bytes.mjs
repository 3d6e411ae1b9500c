/** Events as MCP Core sends them: notifications of JSON-RPC, each about a memory. */
function notification(/** @type {number} */ number, title = 'A memory with the number') {
  return {
    jsonrpc: '2.0',
    method: 'notifications/memory/updated',
    params: {
      id: `0b9c1c9e-8f0e-4c7a-9d55-${String(number).padStart(12, '0')}`,
      title: `${title} ${number}`,
      memory_type: 'context',
      tags: ['bench', 'events'],
      metadata: { source: 'bench', confidence: 0.87 },
      created_at: '2026-06-01T00:00:00.000Z',
      updated_at: '2026-06-01T00:00:01.000Z',
    },
  }
}

const encoder = new TextEncoder()

/** What comes first: a greeting, and the address that the official SSE transport waits for. */
export const opening = encoder.encode(
  'event: connected\ndata: {"type":"connected"}\n\nevent: endpoint\ndata: /messages\n\n',
)

/** The most that a block has. */
export const blockEvents = 1_000

/**
 * So many events as bytes, for a server to send again and again.
 *
 * @param {number} count
 */
export function eventBytes(count) {
  const events = Array.from(
    { length: count },
    (_, number) => `event: message\ndata: ${JSON.stringify(notification(number))}\n\n`,
  )
  return encoder.encode(events.join(''))
}

/**
 * Blocks that add up to so many events.
 *
 * @param {number} count
 */
export function* blocks(count) {
  const whole = eventBytes(Math.min(count, blockEvents))
  let left = count
  for (; left >= blockEvents; left -= blockEvents) yield whole
  if (left > 0) yield eventBytes(left)
}
