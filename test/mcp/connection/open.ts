import { onTestFinished } from 'vitest'
import type { AuthError } from '../../../src/errors/auth-error.ts'
import type { Connection, ConnectionOptions } from '../../../src/mcp/connection/connection.ts'
import { openConnection } from '../../../src/mcp/connection/open-connection.ts'
import type { JsonRpcMessage } from '../../../src/mcp/json-rpc.ts'
import { settle } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'

export type Fake = ReturnType<typeof fakeContext>

/** Begins to open a connection, and keeps what it tells. */
export async function opening(
  fake: Fake = fakeContext(),
  options: Partial<ConnectionOptions> = {},
) {
  const messages: JsonRpcMessage[] = []
  const errors: AuthError[] = []
  const ends: (AuthError | undefined)[] = []
  const outcome = { settled: false }
  const promise = openConnection(
    fake.context,
    { url: new URL(fake.context.endpoints.mcpWs), ...options },
    {
      onMessage: (message) => void messages.push(message),
      onError: (error) => void errors.push(error),
      onClose: (error) => void ends.push(error),
    },
  )
  promise.then(
    () => {
      outcome.settled = true
    },
    () => {
      outcome.settled = true
    },
  )
  await settle()
  return { ...fake, promise, messages, errors, ends, outcome }
}

/** A connection that is ready, at its newest socket. */
export async function opened(fake?: Fake, options: Partial<ConnectionOptions> = {}) {
  const begun = await opening(fake, { dialect: 'json-rpc', ...options })
  const socket = await begun.socket()
  await socket.accept()
  const connection: Connection = await begun.promise
  onTestFinished(() => connection.close())
  return { ...begun, wire: socket, connection }
}

export const ping = { jsonrpc: '2.0', id: 1, method: 'ping' } as const
