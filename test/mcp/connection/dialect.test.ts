import { describe, expect, it } from 'vitest'
import { understand } from '../../../src/mcp/connection/dialect.ts'
import { opened } from './open.ts'

const failed = (error: object, id?: unknown) => ({
  jsonrpc: '2.0',
  ...(id === undefined ? {} : { id }),
  error,
})

describe('what comes in', () => {
  it.each([
    [
      { jsonrpc: '2.0', id: 1, result: { ok: true } },
      { jsonrpc: '2.0', id: 1, result: { ok: true } },
    ],
    [
      { id: 'a', result: null },
      { jsonrpc: '2.0', id: 'a', result: null },
    ],
    [
      { type: 'result', id: 1, result: [] },
      { jsonrpc: '2.0', id: 1, result: [] },
    ],
    [
      { type: 'pong', id: 1 },
      { jsonrpc: '2.0', id: 1, result: {} },
    ],
    [
      { type: 'ping', id: 1 },
      { jsonrpc: '2.0', id: 1, method: 'ping' },
    ],
    [{ method: 'a' }, { jsonrpc: '2.0', method: 'a' }],
    [
      { method: 'a', id: null, params: null },
      { jsonrpc: '2.0', method: 'a' },
    ],
    [
      { type: 'notification', method: 'a', params: { b: 1 } },
      { jsonrpc: '2.0', method: 'a', params: { b: 1 } },
    ],
    [
      { id: 7, method: 'a' },
      { jsonrpc: '2.0', id: 7, method: 'a' },
    ],
    [
      { jsonrpc: '2.0', id: 1, error: { code: -32_601, message: 'No', data: 5 } },
      failed({ code: -32_601, message: 'No', data: 5 }, 1),
    ],
    [
      { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'No' } },
      failed({ code: -32_700, message: 'No' }),
    ],
    [
      { type: 'error', id: 1, error: { code: 'E_BAD', message: 'No' } },
      failed({ code: -32_603, message: 'No' }, 1),
    ],
    [{ type: 'error', message: 'No' }, failed({ code: -32_603, message: 'No' })],
    [{ type: 'error', id: 2, error: 'No' }, failed({ code: -32_603, message: 'No' }, 2)],
    [{ type: 'connection_ack', session_id: 'x' }, 'ack'],
    [{ type: 'pong' }, 'sign'],
    [{ type: 'ping' }, 'sign'],
  ])('%j is understood', (given, expected) => {
    expect(understand(given)).toEqual(expected)
  })

  it.each([
    null,
    1,
    'text',
    [],
    {},
    { type: 'welcome' },
    { result: 1 },
    { id: {}, result: 1 },
    { id: true, method: 'a' },
    { method: 'a', params: [1] },
    { id: Number.NaN, result: 1 },
  ])('%j is not', (given) => {
    expect(understand(given)).toBeUndefined()
  })

  it('is taken one by one when it comes as a list', async () => {
    const { wire, messages, errors } = await opened()
    await wire.say([{ id: 1, result: 1 }, 5, { method: 'a' }])
    expect(messages).toMatchObject([{ id: 1 }, { method: 'a' }])
    expect(errors).toMatchObject([{ code: 'invalid_response' }])
  })

  it('ends nothing when it is not understood', async () => {
    const { wire, messages, errors, ends } = await opened()
    await wire.say('{"neither', 'null', '{"type":"welcome"}', { id: 1, result: {} })
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('invalid_response'))
    expect([messages.length, ends]).toEqual([1, []])
  })
})
