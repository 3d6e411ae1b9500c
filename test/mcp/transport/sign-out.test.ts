import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import { endAtSignOut } from '../../../src/mcp/transport/sign-out.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { failure } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'

const credential = { type: 'bearer', secret: new Secret('token') } as const
const lost = new TypeError('fetch failed')
const signedOut = new AuthError('login_required', 'Nobody is signed in.')

/** A request that is under way until its signal or the network ends it. */
function underWay() {
  const { context, signOuts } = fakeContext()
  const network = new AbortController()
  const { fetch } = endAtSignOut(
    (_input, init) =>
      new Promise((_resolve, reject) => {
        // As some runtimes: what they fail with says nothing of the reason.
        for (const signal of [network.signal, init?.signal]) {
          signal?.addEventListener('abort', () => reject(lost))
        }
      }),
    context,
    credential,
  )
  const ask = (signal?: AbortSignal) =>
    failure(fetch('https://mcp.example.com', { signal: signal ?? null }))
  const signOut = () => {
    for (const tell of signOuts) tell(signedOut)
  }
  return { network, ask, signOut }
}

describe('a request of a transport', () => {
  it('that a sign-out ends says so, whatever the runtime makes of it', async () => {
    const { ask, signOut } = underWay()
    const asked = ask()
    signOut()
    expect(await asked).toBe(signedOut)
  })

  it('that fails by itself says that, and so does one that its caller ends', async () => {
    const { network, ask } = underWay()
    const caller = new AbortController()
    const asked = [ask(), ask(caller.signal)]
    caller.abort()
    network.abort()
    expect(await Promise.all(asked)).toEqual([lost, lost])
  })

  it('that comes after a sign-out is asked for anew', async () => {
    const { network, ask, signOut } = underWay()
    signOut()
    const asked = ask()
    network.abort()
    expect(await asked).toBe(lost)
  })
})
