// Read beforehand: with a clock of the test's, nothing waits for what is loaded on first use.
import '../../../src/mcp/socket/engine.ts'
import '../../../src/mcp/socket/tools.ts'
import { onTestFinished } from 'vitest'
import type { AuthError } from '../../../src/errors/auth-error.ts'
import { McpSocket } from '../../../src/mcp/socket/socket.ts'
import type { McpSocketOptions, McpSocketStatus } from '../../../src/mcp/socket/types.ts'
import { settle } from '../../support/async.ts'
import { type FakeSocket, fakeContext } from '../../support/web-sockets.ts'

type Fake = ReturnType<typeof fakeContext>

/** A socket that nothing has used yet. */
export function idleSocket(fake: Fake = fakeContext(), options: McpSocketOptions = {}) {
  const errors: AuthError[] = []
  const states: McpSocketStatus['state'][] = []
  const client = new McpSocket(async () => fake.context, {
    dialect: 'json-rpc',
    onError: (error) => void errors.push(error),
    ...options,
  })
  client.subscribe(() => void states.push(client.getSnapshot().state))
  onTestFinished(() => client.close())
  return { ...fake, client, errors, states }
}

/** One that is connected. */
export async function connectedSocket(fake?: Fake, options?: McpSocketOptions) {
  const idle = idleSocket(fake, options)
  const connecting = idle.client.connect()
  const wire = await idle.socket(idle.sockets.length + 1)
  await wire.accept()
  await connecting
  return {
    ...idle,
    wire,
    /** The next connection, which is accepted. */
    async reconnected(): Promise<FakeSocket> {
      const count = idle.sockets.length
      const status = idle.client.getSnapshot()
      const { retryAt = Date.now() } = status.state === 'reconnecting' ? status : {}
      await idle.pass(retryAt - Date.now())
      const next = await idle.socket(count + 1)
      await next.accept()
      return next
    },
  }
}

/** Answers what was asked last. */
export async function answer(wire: FakeSocket, body: object = { result: { ok: true } }) {
  await settle()
  const { id } = wire.sent.at(-1) ?? {}
  await wire.say({ jsonrpc: '2.0', id, ...body })
}
