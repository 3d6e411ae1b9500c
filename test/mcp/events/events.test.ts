import { describe, expect, it } from 'vitest'
import { chunkStream, eventStream, eventsOver, take, written } from './streams.ts'

/** The events that a text is read as. */
async function read(text: string | readonly (string | Uint8Array)[], count: number) {
  const chunks = typeof text === 'string' ? [text] : text
  const { events } = eventsOver([() => eventStream(chunkStream(chunks).body)])
  return take(events, count)
}

describe('an event', () => {
  it('has the name of the server-sent event as its type, and parsed JSON as its data', async () => {
    const text = 'event: memory.created\nid: 7\ndata: {"id":"m1",\ndata: "title":"A"}\n\n'
    expect(await read(text, 1)).toEqual([
      { type: 'memory.created', data: { id: 'm1', title: 'A' }, id: '7' },
    ])
  })

  it('without a name is a message: a notification of JSON-RPC as it is', async () => {
    const notification = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }
    expect(await read(`data: ${JSON.stringify(notification)}\n\n`, 1)).toEqual([
      { type: 'message', data: notification },
    ])
  })

  it('that this version does not know is shown like any other', async () => {
    expect(await read(written('team.joined', [1, 2]), 1)).toEqual([
      { type: 'team.joined', data: [1, 2] },
    ])
  })

  it('that is no JSON has its text as its data', async () => {
    expect(await read('event: tool_result\ndata: done, {or not\n\n', 1)).toEqual([
      { type: 'tool_result', data: 'done, {or not' },
    ])
  })

  it('of a known kind always has something to read fields of', async () => {
    expect(await read(written('memory.deleted', null), 1)).toEqual([
      { type: 'memory.deleted', data: {} },
    ])
  })

  it('is none without data, as the standard has it, and none that is cut off at the end', async () => {
    const { events } = eventsOver([
      () => eventStream('event: tool_result\ndata:\n\nevent: tool_result\ndata: 1\n'),
      () => eventStream(written('tool_result', 2)),
    ])
    expect(await take(events, 1)).toEqual([{ type: 'tool_result', data: 2 }])
  })
})

describe('greetings and heartbeats', () => {
  it.each([
    ...['connected', 'connection', 'initialized', 'ping', 'heartbeat', 'notifications/ping'].map(
      (name) => [`the event ${name}`, written(name, { at: 1 })],
    ),
    ['a comment', ': keep-alive\n\n'],
    ['JSON-RPC notifications/ping', 'data: {"jsonrpc":"2.0","method":"notifications/ping"}\n\n'],
    [
      'JSON-RPC notifications/initialized',
      written('message', { method: 'notifications/initialized' }),
    ],
    ['a message of the type heartbeat', 'data: {"type":"heartbeat","timestamp":1}\n\n'],
    ['a message of the type connected', written('message', { type: 'connected' })],
  ])('are not shown: %s', async (_name, text) => {
    expect(await read(text + written('tool_result', 'shown'), 1)).toEqual([
      { type: 'tool_result', data: 'shown' },
    ])
  })
})

describe('the bytes of a stream', () => {
  const text = '\uFEFFevent: memory.created|data: {"title":"Zoë 🎉"}||data: "second"||'
  const expected = [
    { type: 'memory.created', data: { title: 'Zoë 🎉' } },
    { type: 'message', data: 'second' },
  ]

  it.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ])(
    'may have lines that end in %s, a byte order mark, and be cut anywhere',
    async (_name, end) => {
      const bytes = new TextEncoder().encode(text.replaceAll('|', end))
      const single = Array.from(bytes, (_byte, index) => bytes.slice(index, index + 1))
      expect(await read(single, 2)).toEqual(expected)
      expect(await read([bytes], 2)).toEqual(expected)
    },
  )
})
