import { beforeEach, describe, expect, it } from 'vitest'
import { listenOnLoopback } from '../../../src/node/loopback/listener.ts'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { missingTerminal, runOnTerminal, type Terminal } from '../../support/pseudo-terminal.ts'
import { served, visit } from '../clients.ts'

const missing = await missingTerminal()
beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing)
})

/** A command line that signs in with `login`, says how it went, and forgets to close its client. */
function commandLine(login: string): string {
  return `
    import * as node from './node.ts'
    const { createClient, deviceFlow, fileStore, loopbackFlow, pasteFlow, terminalPrompts } = node
    const client = createClient({ store: fileStore({ path: process.env.CONFIG_PATH }), login: ${login} })
    const onPrompt = terminalPrompts()
    const { chosen } = await client.explainLogin({ onPrompt })
    console.log('CHOSEN ' + chosen + '.')
    const said = await client.login({ onPrompt }).catch((error) => error)
    console.log('RESULT ' + (said.code ?? said.status ?? said) + ' raw:' + Boolean(process.stdin.isRaw) + '.')
  `
}

async function start(login: string, env: Record<string, string> = {}) {
  const platform = await served({ now: Date.now })
  const path = await configPath()
  const terminal = await runOnTerminal(commandLine(login), {
    ...platform.env,
    ...env,
    CONFIG_PATH: path,
  })
  return { platform, path, terminal }
}

const authorizePage = /(http:\/\/127\.0\.0\.1:\d+\/\S*authorize\S*)/
const result = /RESULT (.*)\./
/** The terminal is as it was, and nothing holds the process. */
const signedIn = 'signed-in raw:false'

function portOf(url: string): number {
  return Number(new URL(new URL(url).searchParams.get('redirect_uri') ?? '').port)
}

async function expectReleased(port: number): Promise<void> {
  const listener = await listenOnLoopback({ ports: [port] })
  await listener.close()
}

describe('over SSH, with the flows of every client', () => {
  const overSsh = { SSH_CONNECTION: '10.0.0.2 50000 10.0.0.1 22', DISPLAY: 'localhost:10.0' }

  it('★16 ★18 shows a code for another device, and is signed in when the person has allowed it there', async () => {
    const { platform, path, terminal } = await start('undefined', overSsh)
    expect(await terminal.sees(/CHOSEN (.*)\./)).toBe('device')
    const userCode = await terminal.sees(/enter the code (\S+)/)
    const page = await terminal.sees(/(http:\/\/\S+\/oauth\/device)\s/)
    await platform.approveDevice(page, { userCode })
    expect(await terminal.sees(result)).toBe(signedIn)
    expect(await terminal.ended).toBe(0)
    const { auth } = await readJson(path)
    const [account] = Object.values<{ tokens: Record<string, string> }>(auth.accounts)
    expect(account?.tokens).toMatchObject({
      token_kind: 'jwt',
      scope: 'memories:read memories:write',
    })
    expect(terminal.screen()).not.toContain(account?.tokens.access_token ?? 'no token')
  })

  it('says that the person has declined', async () => {
    const { platform, terminal } = await start('undefined', overSsh)
    const page = await terminal.sees(/(http:\/\/\S+\/oauth\/device\?code=\S+)/)
    await platform.approveDevice(page, { decline: true })
    expect(await terminal.sees(result)).toBe('access_denied raw:false')
  })

  it('goes on when the server was away for a while, and says so', async () => {
    const { platform, terminal } = await start('undefined', overSsh)
    platform.order({ match: 'POST /oauth/token', times: 1, action: { status: 503 } })
    await terminal.sees(/does not answer now/)
    await platform.approveDevice(await terminal.sees(/(http:\/\/\S+\/oauth\/device\?code=\S+)/))
    expect(await terminal.sees(result)).toBe(signedIn)
  })

  it('ends at Ctrl-C', async () => {
    const { terminal } = await start('undefined', overSsh)
    await terminal.sees(/Waiting for you/)
    terminal.type('\x03')
    expect(await terminal.ended).toBe(130)
    expect(terminal.screen()).not.toMatch(result)
  })
})

describe('pasting into a terminal', () => {
  const login = 'pasteFlow({ ports: [0] })'

  async function asked(given = login) {
    const { platform, path, terminal } = await start(given)
    const url = await terminal.sees(authorizePage)
    await terminal.sees(/not shown/)
    return { platform, path, terminal, url }
  }

  /** The code never appears, neither while it is pasted nor later. */
  function expectUnseen(terminal: Terminal, callback: string): void {
    expect(terminal.screen()).not.toContain(new URL(callback).searchParams.get('code') ?? callback)
  }

  /** What the browser elsewhere shows in its address bar in the end. */
  function comeBack(platform: ServedPlatform, url: string): Promise<string> {
    return platform.signIn(url)
  }

  it('takes the whole address, and shows nothing of it', async () => {
    const { platform, terminal, url } = await asked()
    const callback = await comeBack(platform, url)
    terminal.type(`${callback}\r`)
    expect(await terminal.sees(result)).toBe(signedIn)
    expect(await terminal.ended).toBe(0)
    expectUnseen(terminal, callback)
    await expectReleased(portOf(url))
  })

  it('takes the code alone', async () => {
    const { platform, terminal, url } = await asked()
    const callback = await comeBack(platform, url)
    terminal.type(`${new URL(callback).searchParams.get('code')}\r`)
    expect(await terminal.sees(result)).toBe(signedIn)
    expectUnseen(terminal, callback)
  })

  it('takes an address that its window had wrapped and quoted', async () => {
    const { platform, terminal, url } = await asked()
    const callback = await comeBack(platform, url)
    terminal.type(`"${callback.slice(0, 70)}\r  ${callback.slice(70)}"\r`)
    expect(await terminal.sees(result)).toBe(signedIn)
    expectUnseen(terminal, callback)
  })

  it('takes an address that is longer than a line of the terminal may be', async () => {
    const { platform, terminal, url } = await asked()
    const callback = await comeBack(platform, url)
    terminal.type(`${callback}&more=${'x'.repeat(6_000)}\r`)
    expect(await terminal.sees(result)).toBe(signedIn)
  })

  it('says what is wrong, and asks again, without end', async () => {
    const { platform, terminal, url } = await asked()
    terminal.type('what now?\r')
    await terminal.sees(/not the address that the sign-in ended on/)
    const callback = await comeBack(platform, url)
    terminal.type(`${callback.replace(/state=[^&]+/, 'state=another')}\r`)
    await terminal.sees(/belongs to another sign-in/)
    terminal.type(`${'wrong-code-'.repeat(4)}\r`)
    await terminal.sees(/does not know that code/)
    terminal.type(`${callback}\r`)
    expect(await terminal.sees(result)).toBe(signedIn)
  })

  it('ends, and leaves the terminal alone, when the browser comes back by itself', async () => {
    const { platform, terminal, url } = await asked()
    expect((await visit(platform, url)).status).toBe(200)
    expect(await terminal.sees(result)).toBe(signedIn)
    expect(await terminal.ended).toBe(0)
    await expectReleased(portOf(url))
  })

  it('ends at Ctrl-C, as every program does, and releases the port at once', async () => {
    const { terminal, url } = await asked()
    terminal.type('half an addr\x03')
    expect(await terminal.ended).toBe(130)
    await expectReleased(portOf(url))
  })

  it('is cancelled at Ctrl-D', async () => {
    const { terminal, url } = await asked()
    terminal.type('\x04')
    expect(await terminal.sees(result)).toBe('login_cancelled raw:false')
    expect(await terminal.ended).toBe(0)
    await expectReleased(portOf(url))
  })

  it('races the listener where the browser of this machine could not be opened', async () => {
    const failing = "loopbackFlow({ ports: [0], openUrl: async () => { throw new Error('none') } })"
    const first = await asked(failing)
    first.terminal.type(`${await comeBack(first.platform, first.url)}\r`)
    expect(await first.terminal.sees(result)).toBe(signedIn)
    const second = await asked(failing)
    await visit(second.platform, second.url)
    expect(await second.terminal.sees(result)).toBe(signedIn)
    expect(await second.terminal.ended).toBe(0)
  })
})

describe('waiting for the browser of this machine', () => {
  it('ends at Ctrl-C, and releases the port at once', async () => {
    const { terminal } = await start('loopbackFlow({ ports: [0], openUrl: async () => {} })')
    const url = await terminal.sees(authorizePage)
    terminal.type('\x03')
    expect(await terminal.ended).toBe(130)
    await expectReleased(portOf(url))
  })
})
