/**
 * What every runtime has to be able to do, in plain JavaScript without anything of one platform.
 *
 * @typedef {import('@lanonasis/auth-client')} Library
 * @typedef {import('@lanonasis/auth-client/testing').IssuedTokens} IssuedTokens
 * @typedef {{ endpoints: import('@lanonasis/auth-client').Endpoints, tokens: IssuedTokens, otherTokens: IssuedTokens }} Input
 *
 * @param {Library} library
 * @param {Input} input
 */
export async function exercise(library, { endpoints, tokens, otherTokens }) {
  const { LanonasisClient, inspectApiKey, isAuthError, memoryStore } = library
  const settings = { clientId: 'lanonasis-cli', endpoints, env: {} }
  const client = new LanonasisClient({ ...settings, store: memoryStore({ tokens }) })

  const session = await client.getSession()
  const accessToken = await client.getAccessToken()
  const created = await client.memory.create({
    title: 'Portable',
    content: 'Written by a runtime',
    type: 'context',
    tags: ['portable'],
  })
  const { items } = await client.memory.list({ tags: ['portable'] })
  const foreign = await client.fetch('https://example.com/').catch((error) => error)

  const expired = { ...otherTokens, expiresAt: Date.now() - 1_000 }
  const returning = new LanonasisClient({ ...settings, store: memoryStore({ tokens: expired }) })
  const renewed = await Promise.all([1, 2, 3].map(() => returning.getAccessToken()))

  return {
    status: session.status,
    isStoredToken: accessToken === tokens.accessToken,
    created: created.title,
    listed: items.map(({ title, id }) => ({ title, isCreated: id === created.id })),
    foreign: isAuthError(foreign) ? foreign.code : String(foreign),
    isRenewed: renewed.every((token) => token !== otherTokens.accessToken),
    renewals: new Set(renewed).size,
    apiKey: inspectApiKey('pk_portable.sk_0123456789abcdef').ok,
  }
}
