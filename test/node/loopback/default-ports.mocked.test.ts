import { beforeEach, expect, it, vi } from 'vitest'
import type { LoginContext } from '../../../src/login/flow.ts'
import { type LoopbackFlowOptions, loopbackFlow } from '../../../src/node/loopback/loopback-flow.ts'
import { contextOf } from '../../support/login-context.ts'

// The registered ports are fixed ones: they are looked at here, and not taken.
const tried = vi.hoisted(() => ({ ports: [] as (readonly number[])[] }))
vi.mock('../../../src/node/loopback/listener.ts', () => ({
  listenOnLoopback: async ({ ports }: { ports: readonly number[] }) => {
    tried.ports.push(ports)
    throw new Error('Not here.')
  },
}))

beforeEach(() => {
  tried.ports = []
})

async function portsOf(
  context: Pick<LoginContext, 'clientId' | 'lanonasis'>,
  options: LoopbackFlowOptions = {},
): Promise<readonly number[] | undefined> {
  const running = loopbackFlow(options).run(contextOf(context))
  await expect(running).rejects.toThrow('Not here.')
  return tried.ports[0]
}

it('a command line tries the roadmap’s port first, then those that are registered', async () => {
  const context = { clientId: 'lanonasis-cli', lanonasis: true }
  expect(await portsOf(context)).toEqual([8989, 8888, 3000])
})

it.each(['vscode-extension', 'cursor-extension', 'windsurf-extension'])(
  '%s tries the port that is registered for editors first',
  async (clientId) => {
    expect(await portsOf({ clientId, lanonasis: true })).toEqual([8080, 8989, 8888, 3000])
  },
)

it('another server takes any port', async () => {
  expect(await portsOf({ clientId: 'my-app', lanonasis: false })).toEqual([0])
})

it('the application has the last word', async () => {
  const context = { clientId: 'lanonasis-cli', lanonasis: true }
  expect(await portsOf(context, { ports: [4711, 4712] })).toEqual([4711, 4712])
  tried.ports = []
  expect(await portsOf(context, { ports: [4711, 4712], strict: true })).toEqual([4711])
})

it('a strict sign-in takes the roadmap’s port or none', async () => {
  const context = { clientId: 'lanonasis-cli', lanonasis: true }
  expect(await portsOf(context, { strict: true })).toEqual([8989])
})
