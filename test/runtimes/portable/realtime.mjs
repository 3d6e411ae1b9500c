import { check } from './check.mjs'

/** @typedef {import('./suite.mjs').Case} Case */

/**
 * A socket answers, hears, comes back after a cut, and with another token when the service ended its own.
 *
 * @type {Case}
 */
export async function keepsASocket({ runtime, settings, ask }) {
  const client = runtime.createClient({
    ...settings,
    store: runtime.library.memoryStore({ tokens: await ask('issue-tokens') }),
  })
  const socket = client.mcp.socket({ ...runtime.socket, timeoutMs: 60_000 })
  const heard = new Promise((hear) => socket.on('notifications/portable', hear))

  check('name', typeof (await socket.initialize()).name, 'string')
  check('tools', (await socket.listTools()).length > 0, true)
  const given = { title: 'By socket', content: 'Written by a runtime' }
  check('tool', (await socket.callTool('create_memory', given)).isError, false)
  await ask('push', { kind: 'socket', method: 'notifications/portable', params: { of: 'socket' } })
  const { params } = /** @type {import('@lanonasis/auth-client').McpNotification} */ (await heard)
  check('heard', params, { of: 'socket' })

  await ask('cut', { kind: 'socket' })
  check('after a cut', await socket.request('ping', {}, { idempotent: true }), {})
  const before = await client.getAccessToken()
  await ask('expire')
  await ask('cut', { kind: 'socket' })
  check('with an ended token', await socket.request('ping', {}, { idempotent: true }), {})
  check('was renewed', (await client.getAccessToken()) !== before, true)

  await socket.close()
  await ask('wait-for-none', { kind: 'socket' })
  await client.close()
  return runtime.socketNote === undefined ? undefined : { note: runtime.socketNote }
}

/**
 * Events come over a stream that breaks, and the stream is gone when the loop was left.
 *
 * @type {Case}
 */
export async function hearsEvents({ runtime, settings, ask }) {
  const client = runtime.createClient({
    ...settings,
    store: runtime.library.memoryStore({ tokens: await ask('issue-tokens') }),
  })
  /** @type {Promise<unknown>[]} */
  const pushes = []
  const onState = (/** @type {import('@lanonasis/auth-client').EventsState} */ { type }) => {
    const data = { id: `memory ${pushes.length + 1}`, title: 'é 😀' }
    if (type === 'open') pushes.push(ask('push', { kind: 'stream', event: 'memory.created', data }))
  }
  const heard = []
  for await (const { type, data } of client.mcp.events({ onState })) {
    heard.push({ type, data })
    if (heard.length === 2) break
    await ask('cut', { kind: 'stream' })
  }
  check('heard', heard, [
    { type: 'memory.created', data: { id: 'memory 1', title: 'é 😀' } },
    { type: 'memory.created', data: { id: 'memory 2', title: 'é 😀' } },
  ])
  await Promise.all(pushes)
  await ask('wait-for-none', { kind: 'stream' })
  await client.close()
}
