import { check, codeOf } from './check.mjs'

/** @typedef {import('./suite.mjs').Case} Case */

/**
 * A key is made, speaks for its owner where nobody is signed in, and is refused when it was revoked.
 *
 * @type {Case}
 */
export async function usesApiKeys({ runtime, settings, ask }) {
  const { inspectApiKey, memoryStore } = runtime.library
  check('a key', inspectApiKey('pk_portable.sk_0123456789abcdef').ok, true)
  const owner = runtime.createClient({
    ...settings,
    store: memoryStore({ tokens: await ask('issue-tokens') }),
  })
  const created = await owner.apiKeys.create({ name: 'portable' })
  const key = created.key
  const records = await owner.apiKeys.list()
  check('keys', records.map(({ name }) => name).includes('portable'), true)

  const program = runtime.createClient({ ...settings, apiKey: key, store: memoryStore() })
  await program.memory.list()
  await owner.apiKeys.revoke(created.id)
  const code = await codeOf(program.memory.list(), runtime.library)
  const { refusedKey = { code: 'api_key_rejected' } } = runtime
  check('the key that was revoked', code, refusedKey.code)
  await Promise.all([owner.close(), program.close()])
  return 'note' in refusedKey ? { note: refusedKey.note } : undefined
}

/**
 * Memories are made, found, changed and removed; the token goes nowhere else.
 *
 * @type {Case}
 */
export async function worksWithMemories({ runtime, settings, ask }) {
  const client = runtime.createClient({
    ...settings,
    store: runtime.library.memoryStore({ tokens: await ask('issue-tokens') }),
  })
  const tags = ['portable']
  const created = await client.memory.create({
    title: 'Portable',
    content: 'Détails 😀',
    type: 'context',
    tags,
  })
  const { items } = await client.memory.list({ tags })
  check(
    'found',
    items.map(({ id, title, content }) => ({ isCreated: id === created.id, title, content })),
    [{ isCreated: true, title: 'Portable', content: 'Détails 😀' }],
  )
  const changed = await client.memory.update(created.id, { title: 'Changed' })
  check('changed', changed.title, 'Changed')
  await client.memory.delete(created.id)
  const gone = await codeOf(client.memory.get(created.id), runtime.library)
  check('after it was removed', gone, 'not_found')
  const foreign = await codeOf(client.fetch('https://example.com/'), runtime.library)
  check('elsewhere', foreign, 'origin_not_allowed')
  await client.close()
}
