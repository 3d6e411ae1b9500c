import { expect, it } from 'vitest'
import { runProgram } from '../../support/program.ts'

it('a program that waits for an in-process socket goes on until it is through, and not longer', async () => {
  const program = `
    import { LanonasisClient } from './index.ts'
    import { createPlatform } from './testing.ts'
    const platform = createPlatform()
    platform.order({ match: 'MESSAGE tools/call', times: 1, action: 'hang' })
    const client = new LanonasisClient(await platform.signedIn())
    const socket = client.mcp.socket()
    await socket.connect()
    const call = socket.callTool('list_memories', {}, { timeoutMs: 300 })
    console.log(await call.catch(({ code }) => code))
  `
  const { lines, ended } = await runProgram(program, {})
  expect(await lines.next()).toMatchObject({ value: 'timeout' })
  expect(await ended).toMatchObject({ code: 0 })
})
