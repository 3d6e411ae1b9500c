import { describe, expect, it } from 'vitest'
import { configPath } from '../support/directories.ts'
import { runProgram } from '../support/program.ts'
import { served, visit } from './clients.ts'

/** A command line that forgets to close its client: it prints the address to open, and what `work` returns. */
function commandLine(work: string): string {
  return `
    import { createClient, fileStore, loopbackFlow } from './node.ts'
    const options = {
      ports: [0],
      timeoutMs: Number(process.env.LOGIN_TIMEOUT_MS),
      openUrl: async (url) => console.log(url),
    }
    const client = createClient({
      store: fileStore({ path: process.env.CONFIG_PATH }),
      login: loopbackFlow(options),
    })
    client.on('session', () => {})
    client.subscribe(() => {})
    const work = async () => { ${work} }
    console.log(await work().catch((error) => error.code ?? error))
  `
}

/** Runs it, with a person at the browser who comes back or does not. */
async function run(work: string, { comesBack = true, loginTimeoutMs = 300_000 } = {}) {
  const platform = await served({ now: Date.now })
  const { lines, ended } = await runProgram(commandLine(work), {
    ...platform.env,
    CONFIG_PATH: await configPath(),
    LOGIN_TIMEOUT_MS: `${loginTimeoutMs}`,
  })
  const { value: url } = await lines.next()
  if (comesBack) await visit(platform, url)
  const { value: said } = await lines.next()
  return { said, ...(await ended) }
}

describe('a program that forgets to close its client ends by itself', () => {
  it('after a sign-in', async () => {
    const work = 'return (await client.login()).status'
    expect(await run(work)).toEqual({ said: 'signed-in', code: 0, stderr: '' })
  })

  it('after everything else that it may do', async () => {
    const work = `
      await client.login({ apiKey: { name: 'my-laptop' } })
      await client.memory.create({ title: 'Example', content: 'Details' })
      await client.refresh()
      await client.introspect()
      const { total } = await client.memory.list()
      return total`
    expect(await run(work)).toEqual({ said: '1', code: 0, stderr: '' })
  })

  it('★10 after a sign-in that nobody came back from', async () => {
    const work = 'return (await client.login()).status'
    const ended = await run(work, { comesBack: false, loginTimeoutMs: 100 })
    expect(ended).toEqual({ said: 'login_timeout', code: 0, stderr: '' })
  })

  it('after a sign-in that was cancelled', async () => {
    const work = `
      const controller = new AbortController()
      const login = client.login({ signal: controller.signal, onPrompt: () => controller.abort() })
      return (await login).status`
    expect(await run(work, { comesBack: false })).toEqual({ said: 'aborted', code: 0, stderr: '' })
  })
})
