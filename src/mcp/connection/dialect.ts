import { type Fields, isFields } from '../../json/fields.ts'
import type { JsonRpcFailure, JsonRpcId, JsonRpcMessage, JsonRpcResult } from '../json-rpc.ts'

/** JSON-RPC 2.0 §5.1: what a failure without a code is. */
const internalError = -32_603

/** @returns `undefined`, which is no message of either dialect, for what is no JSON */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * What a message of either dialect says, in JSON-RPC 2.0. What we send needs no translation: the ack
 * dialect goes by `method`, too.
 *
 * | what came | what it is |
 * |---|---|
 * | `{method, id?, params?}` | a request or a notification |
 * | `{id, result}`, `{type:'result', id, result}` | a result |
 * | `{error, id?}`, `{type:'error', …}` | a failure; without an `id` nobody can tell whose |
 * | `{type:'pong', id}` | the result of a ping |
 * | `{type:'ping', id}` | the request `ping` |
 * | `{type:'ping'}`, `{type:'pong'}` | a sign of life |
 * | `{type:'connection_ack'}` | the ack (★26) |
 *
 * @returns `undefined` for anything else
 */
export function understand(value: unknown): JsonRpcMessage | 'ack' | 'sign' | undefined {
  if (!isFields(value)) return undefined
  if (isResult(value)) return value
  const { id, type, method } = value
  if (typeof method === 'string') return toCall(value, method)
  if (type === 'error' || isFields(value.error)) return toFailure(value)
  if (isId(id)) {
    if ('result' in value) return { jsonrpc: '2.0', id, result: value.result }
    if (type === 'pong') return { jsonrpc: '2.0', id, result: {} }
    if (type === 'ping') return { jsonrpc: '2.0', id, method: 'ping' }
  }
  if (type === 'connection_ack') return 'ack'
  return type === 'ping' || type === 'pong' ? 'sign' : undefined
}

/** Most of what comes; it is passed on as it is. */
function isResult(value: Fields): value is Fields & JsonRpcResult {
  return (
    value.jsonrpc === '2.0' &&
    value.result !== undefined &&
    value.error === undefined &&
    value.method === undefined &&
    isId(value.id)
  )
}

function toCall({ id, params }: Fields, method: string): JsonRpcMessage | undefined {
  // MCP has no positional parameters.
  if (params !== undefined && params !== null && !isFields(params)) return undefined
  const call = { jsonrpc: '2.0', method, ...(isFields(params) ? { params } : {}) } as const
  if (id === undefined || id === null) return call
  return isId(id) ? { ...call, id } : undefined
}

function toFailure({ id, error, message: text }: Fields): JsonRpcFailure {
  const { code, message = text, data } = isFields(error) ? error : { message: error ?? text }
  return {
    jsonrpc: '2.0',
    ...(isId(id) ? { id } : {}),
    error: {
      code: Number.isInteger(code) ? Number(code) : internalError,
      message: typeof message === 'string' ? message : '',
      ...(data === undefined ? {} : { data }),
    },
  }
}

function isId(value: unknown): value is JsonRpcId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}
