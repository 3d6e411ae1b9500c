import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readJson } from '../../support/directories.ts'
import { type Machine, machine } from './machine.ts'

const eight = [1, 2, 3, 4, 5, 6, 7, 8]

/** Lets an hour pass for the access token, here and at the gateway. */
async function expire({ config, platform }: Machine): Promise<void> {
  platform.expireAccessTokens()
  const content = await readJson(config)
  const past = new Date(Date.now() - 60_000).toISOString()
  const text = JSON.stringify(content, (name, value) => (name === 'expires_at' ? past : value))
  await writeFile(config, text)
}

describe('8 at once in one home', () => {
  it('renew the session once for all, and nobody fails', async () => {
    const here = await machine({ limits: true })
    await here.signedIn()
    await expire(here)
    const ended = await Promise.all(
      eight.map((number) => here.run(`memory create --title Number-${number} --content text`)),
    )
    expect(ended.filter(({ code }) => code !== 0)).toEqual([])
    expect(here.platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    expect(here.platform.memories).toHaveLength(8)
    expect(await readdir(here.home)).toEqual(['.maas.config'])
  })

  it('sign in once for all', async () => {
    const here = await machine({ limits: true })
    const logins = eight.map(() => here.start('auth login --port 0'))
    // Who starts when the others are done would be signing in anew.
    const waiting = () => logins.filter(({ stderr }) => stderr().includes('under way')).length
    await expect.poll(waiting, { timeout: 30_000 }).toBe(7)
    await here.signInWithBrowser()
    const ended = await Promise.all(logins.map((login) => login.ended))
    expect(ended.map(({ code }) => code)).toEqual(eight.map(() => 0))
    expect(here.platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    expect(await readdir(here.home)).toEqual(['.maas.config'])
  })

  it('make one API key for all', async () => {
    const here = await machine()
    await here.signedIn()
    const ended = await Promise.all(eight.map(() => here.run('key create my-laptop')))
    expect(ended.filter(({ code }) => code !== 0)).toEqual([])
    expect(here.platform.apiKeys).toHaveLength(1)
  })
})

describe('the list of processes', () => {
  it.runIf(existsSync('/proc/self/cmdline'))('shows no secret', async () => {
    const { start, platform } = await machine()
    const { key } = await platform.createApiKey()
    const hang = platform.order({ match: 'GET /memor*', action: 'hang' })
    const login = start('auth login --method api-key', { input: key })
    const asked = () => platform.requestsTo('GET /memor*').length
    await expect.poll(asked, { timeout: 20_000 }).toBe(1)
    for (const file of ['cmdline', 'environ']) {
      const text = await readFile(`/proc/${login.pid}/${file}`, 'utf8')
      expect(text).not.toBe('')
      expect(text).not.toContain(key)
    }
    hang()
    login.kill('SIGINT')
    await login.ended
  })
})
