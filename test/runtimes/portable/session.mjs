import { check, codeOf } from './check.mjs'

/** @typedef {import('./suite.mjs').Case} Case */

/**
 * By exchange of a code, in the way that the runtime's entry has for it; and out again.
 *
 * @type {Case}
 */
export async function signsIn({ runtime, settings, ask }) {
  const client = await runtime.signIn({ settings, person: personOf(ask) })
  const session = await client.getSession()
  check('session', session.status, 'signed-in')
  check('scope', session.status === 'signed-in' && session.scope, 'memories:read memories:write')
  const token = await client.getAccessToken()
  check('active', (await client.introspect(token)).active, true)

  await client.logout()
  check('after the sign-out', (await client.getSession()).status, 'signed-out')
  check('token', await codeOf(client.getAccessToken(), runtime.library), 'login_required')
  await client.close()
}

/**
 * A token that has ended is renewed when one is needed, once for all who wait for it.
 *
 * @type {Case}
 */
export async function renewsOnce({ runtime, settings, ask }) {
  const { memoryStore } = runtime.library
  const good = await ask('issue-tokens')
  const early = runtime.createClient({ ...settings, store: memoryStore({ tokens: good }) })
  check('a token that is good is used', (await early.getAccessToken()) === good.accessToken, true)
  await early.close()

  const tokens = { ...(await ask('issue-tokens')), expiresAt: Date.now() - 1_000 }
  const client = runtime.createClient({ ...settings, store: memoryStore({ tokens }) })
  const renewed = await Promise.all([1, 2, 3].map(() => client.getAccessToken()))
  check('tokens', new Set(renewed).size, 1)
  check('is another one', renewed[0] !== tokens.accessToken, true)
  check('is good', (await client.introspect(renewed[0])).active, true)
  await client.close()
}

/**
 * The next start of the program goes on with what is stored, and two of them renew it once.
 *
 * @type {Case}
 */
export async function stores({ runtime, settings, ask }) {
  const { store } = runtime
  if (typeof store === 'string') return { notApplicable: store }
  const first = await runtime.signIn({
    settings: { ...settings, profile: 'kept', store: store() },
    person: personOf(ask),
  })
  const token = await first.getAccessToken()
  await first.close()

  const again = [1, 2].map(() =>
    runtime.createClient({ ...settings, profile: 'kept', store: store() }),
  )
  const found = await Promise.all(again.map((client) => client.getAccessToken()))
  check(
    'the stored token is found',
    found.map((one) => one === token),
    [true, true],
  )
  await Promise.all(again.map((client) => client.refresh()))
  const renewed = await Promise.all(again.map((client) => client.getAccessToken()))
  check('tokens after the renewal', new Set(renewed).size, 1)
  check('is another one', renewed[0] !== token, true)
  await Promise.all(again.map((client) => client.close()))
}

/**
 * @param {import('./suite.mjs').Ask} ask
 * @returns {import('./suite.mjs').SignIn['person']}
 */
function personOf(ask) {
  return async (url) => (await ask('sign-in', { url })).callback
}
