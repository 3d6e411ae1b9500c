import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { McpEvent } from '../../../src/mcp/events/types.ts'
import { chunkStream, eventStream, eventsOver, take } from './streams.ts'

const lineEnds = fc.constantFrom('\n', '\r\n', '\r')

/** Lines of an event, and what it is to be read as. */
const event = fc
  .record(
    {
      type: fc.constantFrom('memory.created', 'tool_result', 'message', 'team.joined', 'é'),
      data: fc.jsonValue().filter((value) => value !== null && !looksLikeSign(value)),
      id: fc.stringMatching(/^[a-z0-9]{1,5}$/),
      comment: fc.boolean(),
      pretty: fc.boolean(),
    },
    { requiredKeys: ['type', 'data', 'comment', 'pretty'] },
  )
  .map(({ type, data, id, comment, pretty }) => ({
    lines: [
      ...(comment ? [': a comment'] : []),
      ...(type === 'message' ? [] : [`event: ${type}`]),
      ...(id === undefined ? [] : [`id:${id}`]),
      ...JSON.stringify(data, undefined, pretty ? 1 : undefined)
        .split('\n')
        .map((line) => `data: ${line}`),
      '',
    ],
    expected: { type, data: JSON.parse(JSON.stringify(data)), ...(id === undefined ? {} : { id }) },
  }))

function looksLikeSign(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('type' in value || 'method' in value)
}

/** Cuts bytes at the places that are given as fractions. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = places.map((place) => Math.floor(place * bytes.length)).sort((a, b) => a - b)
  return [0, ...at].map((start, index) => bytes.slice(start, at[index]))
}

it('gives the same events however its bytes are cut into chunks', async () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true })
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 6 }),
      lineEnds,
      fc.array(place, { maxLength: 30 }),
      async (list, end, places) => {
        const text = list.flatMap(({ lines }) => lines.map((line) => line + end)).join('')
        const chunks = cut(new TextEncoder().encode(text), places)
        const { events } = eventsOver([() => eventStream(chunkStream(chunks).body)])
        const taken: McpEvent[] = await take(events, list.length)
        expect(taken).toEqual(list.map(({ expected }) => expected))
      },
    ),
    { numRuns: 300 },
  )
})
