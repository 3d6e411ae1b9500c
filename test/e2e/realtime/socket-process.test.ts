import { describe, expect, it } from 'vitest'
import { runProgram } from '../../support/program.ts'
import { served } from '../clients.ts'

/** A command line that forgets to close its socket, and prints what `work` returns. */
async function run(work: string) {
  const platform = await served({ now: Date.now })
  const { key } = await platform.createApiKey()
  const code = `
    import { createClient } from './node.ts'
    import { memoryStore } from './index.ts'
    const client = createClient({ store: memoryStore(), apiKey: process.env.KEY })
    const socket = client.mcp.socket()
    const work = async () => { ${work} }
    console.log(await work().catch((error) => error.code ?? error))
  `
  const { lines, ended } = await runProgram(code, { ...platform.env, KEY: key })
  return { platform, said: (await lines.next()).value, lines, ended }
}

describe('a program that forgets to close its socket', () => {
  it('ends after its requests', async () => {
    const { said, ended } = await run('return (await socket.listTools()).length > 0')
    expect({ said, ...(await ended) }).toEqual({ said: 'true', code: 0, stderr: '' })
  })

  it('ends while the socket waits to connect again', async () => {
    const { platform, said, ended } = await run(`
      await socket.connect()
      socket.on('gone', () => {})()
      return 'connected'`)
    platform.order({ match: '*', service: 'mcpWs', action: 'html' })
    platform.realtime.disconnect()
    expect({ said, ...(await ended) }).toEqual({ said: 'connected', code: 0, stderr: '' })
  })

  it('stays up while it listens, over a cut, and ends when it listens no more', async () => {
    const { platform, said, lines, ended } = await run(`
      await socket.connect()
      const stop = socket.on('*', ({ method }) => {
        console.log(method)
        if (method === 'two') stop()
      })
      return 'listening'`)
    expect(said).toBe('listening')
    await platform.realtime.push({ method: 'one' })
    expect((await lines.next()).value).toBe('one')
    platform.realtime.disconnect()
    await expect.poll(() => platform.realtime.connections[1]?.ready, { timeout: 10_000 }).toBe(true)
    await platform.realtime.push({ method: 'two' })
    expect((await lines.next()).value).toBe('two')
    expect(await ended).toEqual({ code: 0, stderr: '' })
  })
})
