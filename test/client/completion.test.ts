import { describe, expect, it } from 'vitest'
import type { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import { failure } from '../support/async.ts'
import { clientFor, personFlow, platformAt } from '../support/setup.ts'

describe('a sign-in that is being completed', () => {
  const calls: [string, (client: LanonasisClient, signal: AbortSignal) => Promise<unknown>][] = [
    ['getAccessToken()', (client, signal) => client.getAccessToken({ signal })],
    ['refresh()', (client, signal) => client.refresh({ signal })],
    ['login()', (client, signal) => client.login({ signal })],
    ['fetch()', (client, signal) => client.fetch(client.endpoints.mcpHttp, { signal })],
    [
      'fetch() of a request',
      (client, signal) => client.fetch(new Request(client.endpoints.mcpHttp, { signal })),
    ],
    ['memory.list()', async (client, signal) => client.memory.list({ signal })],
    ['apiKeys.list()', (client, signal) => client.apiKeys.list({ signal })],
  ]

  it.each(calls)(
    'is not waited for by a %s that is cancelled',
    async (_call, make) => {
      const platform = platformAt()
      const login = {
        ...personFlow(platform),
        collect: () => ({ id: 'one', finish: () => new Promise<never>(() => {}) }),
      }
      const stop = new AbortController()
      const made = failure(make(clientFor(platform, { login }), stop.signal))
      // Once everything is loaded, which the first of these calls takes longer for than the others.
      setTimeout(() => stop.abort(), 50)
      expect(await made).toMatchObject({ code: 'aborted' })
      expect(platform.requests).toEqual([])
    },
    5_000,
  )
})
