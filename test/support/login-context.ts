import type { LoginContext } from '../../src/login/flow.ts'

/** What a flow gets from a client that reaches no server, with changes. */
export function contextOf(changes: Partial<LoginContext> = {}): LoginContext {
  const nowhere = () => Promise.reject(new Error('There is no server here.'))
  return {
    clientId: 'lanonasis-cli',
    issuer: 'https://auth.example.com',
    lanonasis: true,
    signal: new AbortController().signal,
    now: () => 1_000,
    canPrompt: false,
    prompt: () => {},
    authorize: nowhere,
    device: { isOffered: async () => true, start: nowhere },
    departure: { account: 'nobody', start: nowhere, leave: () => {}, finish: nowhere },
    ...changes,
  }
}
