import { expect, it, vi } from 'vitest'
import { failure } from '../support/async.ts'
import { signedIn } from '../support/setup.ts'

// A page that was deployed anew: its part for a sign-out is not there any more.
vi.mock('../../src/client/signing.ts', () => {
  throw new TypeError('Failed to fetch dynamically imported module')
})

it.each(['forget', 'revoke'] as const)(
  'a sign-out whose part of the program cannot be loaded says so: %s',
  async (apiKey) => {
    const { client } = await signedIn()
    expect(await failure(client.logout({ apiKey }))).toMatchObject({
      code: 'network_error',
      hint: expect.stringContaining('Load the page again'),
    })
  },
)
