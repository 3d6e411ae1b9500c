import type { Pushed } from '../pushed.ts'

/** What a method came to; `id` is that of the request. */
type Reply = { readonly id: unknown } & (
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
)

/** How a socket writes what it says. */
export interface Dialect {
  reply(reply: Reply): string
  push(pushed: Pushed): string | undefined
}

const jsonRpc: Dialect = {
  reply: (reply) => JSON.stringify({ jsonrpc: '2.0', ...reply }),
  push: (pushed) =>
    'method' in pushed ? JSON.stringify({ jsonrpc: '2.0', ...pushed }) : undefined,
}

/** The older one, in words of its own and without `jsonrpc`. */
const ack: Dialect = {
  reply: (reply) => JSON.stringify({ type: 'result' in reply ? 'result' : 'error', ...reply }),
  push: (pushed) =>
    'method' in pushed ? JSON.stringify({ type: 'notification', ...pushed }) : undefined,
}

export const dialects = { 'json-rpc': jsonRpc, ack } as const
