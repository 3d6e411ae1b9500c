import { describe, expect, it } from 'vitest'
import { modeOf, readJson } from '../../support/directories.ts'
import { jsonOf, machine } from './machine.ts'

describe('lanonasis, from sign-in to sign-out', () => {
  it('signs in with the browser, and keeps the session where others cannot read it', async () => {
    const { start, signInWithBrowser, config, run, home } = await machine()
    const login = start('auth login --port 0')
    await signInWithBrowser()
    const { code, stdout } = await login.ended
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Signed in at/),
    })
    expect(await modeOf(config)).toBe('0600')
    const { auth } = await readJson(config)
    expect(JSON.stringify(auth)).toContain('access_token')

    const status = await run('auth status')
    expect(status.code).toBe(0)
    expect(status.stdout).toMatch(/^Signed in\.\n/)
    expect(status.stdout).toContain(`${home}/.maas.config (file), not encrypted`)
    expect(status.stdout).toMatch(/access token {2}until .* \(in 15 min\)/)
    expect(status.stdout).toMatch(/session {7}until .* \(in 30 days\)/)
  })

  it('writes, lists, reads, changes, finds, counts and deletes memories', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    const created = await run('memory create --tag one --tag two --type project', {
      args: ['--title', 'A title', '--metadata', '{"from":"a test"}'],
      input: 'From standard\ninput',
    })
    expect(created).toMatchObject({ code: 0, stderr: '' })
    const id = created.stdout.trim()
    const [stored] = platform.memories
    expect(stored).toMatchObject({
      id,
      title: 'A title',
      content: 'From standard\ninput',
      tags: ['one', 'two'],
    })

    const listed = await run('memory list')
    expect(listed.stdout).toMatch(
      new RegExp(`^${id}\tproject\t\\d{4}-\\d\\d-\\d\\d\tA title\tone two\n$`),
    )
    expect(jsonOf(await run('memory list --tag one --json'))).toMatchObject({
      items: [{ id, title: 'A title', metadata: { from: 'a test' } }],
      hasMore: false,
    })
    expect(jsonOf(await run('memory list --tag three --json')).items).toEqual([])
    expect((await run(`memory get ${id}`)).stdout).toMatch(
      /title +A title\n[\s\S]*\n\nFrom standard\ninput\n$/,
    )

    await run(`memory update ${id}`, { args: ['--title', 'Another title'] })
    expect(jsonOf(await run(`memory get ${id} --json`))).toMatchObject({
      title: 'Another title',
      content: 'From standard\ninput',
      tags: ['one', 'two'],
    })
    expect((await run('memory search standard')).stdout).toContain('Another title')
    expect((await run('memory stats')).stdout).toBe('project\t1\nall\t1\n')
    expect(await run(`memory delete ${id} --yes`)).toMatchObject({ code: 0 })
    expect(platform.memories).toEqual([])
  })

  it('writes a text that begins as an option does', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    const args = ['--title', '-Verify it', '--content', '-Very long']
    expect(await run('memory create', { args })).toMatchObject({ code: 0 })
    expect(platform.memories).toMatchObject([{ title: '-Verify it', content: '-Very long' }])
  })

  it('lists all pages as they come', async () => {
    const { run, signedIn } = await machine()
    await signedIn()
    for (const title of ['First', 'Second', 'Third']) {
      await run(`memory create --title ${title} --content text`)
    }
    const { stdout } = await run('memory list --all --limit 2 --json')
    const titles = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).title)
    expect(titles.sort()).toEqual(['First', 'Second', 'Third'])
    const page = await run('memory list --limit 2')
    expect(page.stdout.trim().split('\n')).toHaveLength(2)
    expect(page.stderr).toMatch(/2 of 3: --all lists all/)
  })

  it('makes, lists, rotates and revokes API keys, and shows none that it stores', async () => {
    const { run, signedIn, platform, config } = await machine()
    await signedIn()
    const made = await run('key create my-laptop --expires-in-days 30')
    expect(made).toMatchObject({ code: 0 })
    const { auth } = await readJson(config)
    const [account] =
      auth.accounts === undefined ? [auth] : Object.values<typeof auth>(auth.accounts)
    const stored: string = account.api_key
    expect(made.stdout).not.toContain(stored)
    expect((await run('memory list')).code).toBe(0)
    expect(platform.requestsTo('GET /memor*').at(-1)?.credential).toBe('api-key')
    expect((await run('auth status')).stdout).toMatch(/API key .*“my-laptop”, until .*in 30 days/)

    const rotated = await run('key rotate')
    expect(rotated).toMatchObject({ code: 0 })
    const keys = jsonOf(await run('key list --json'))
    expect(keys.map(({ active, inUse }: Record<string, boolean>) => [active, inUse])).toEqual([
      [false, false],
      [true, true],
    ])

    const printed = await run('key create other --print')
    expect(printed.stdout).toMatch(/^(lano_[0-9a-f]{64}|pk_\S+\.sk_\S+)\n$/)
    const [, , other] = platform.apiKeys
    expect(await run(`key rotate ${other?.id}`)).toMatchObject({ code: 2, stdout: '' })
    const next = await run(`key rotate ${other?.id} --print`)
    expect(next.code).toBe(0)
    expect(next.stdout).toMatch(/^(lano_[0-9a-f]{64}|pk_\S+\.sk_\S+)\n$/)
    expect(next.stdout).not.toBe(printed.stdout)
    const [, , , successor] = platform.apiKeys
    expect(next.stderr).toContain(successor?.id)
    expect(platform.apiKeys.slice(2)).toMatchObject([{ active: false }, { active: true }])
    expect(await run(`key revoke ${successor?.id}`)).toMatchObject({ code: 2 })
    expect(await run(`key revoke ${successor?.id} --yes`)).toMatchObject({ code: 0 })
    expect(platform.apiKeys.at(3)).toMatchObject({ active: false })
  })

  it('gives a token to another program, and a new one with --refresh', async () => {
    const { run, signedIn, type, platform } = await machine()
    await signedIn()
    const first = (await run('auth token')).stdout.trim()
    expect(first).toMatch(/^\S{40,}$/)
    expect((await run('auth token')).stdout.trim()).toBe(first)
    const second = jsonOf(await run('auth token --refresh --json')).accessToken
    expect(second).not.toBe(first)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)

    const onTerminal = type('auth token')
    expect(await onTerminal.ended).toBe(0)
    expect(onTerminal.screen()).toMatch(/not shown on a terminal/)
    expect(onTerminal.screen()).not.toContain(second)
    const asJson = type(`auth token --json`)
    expect(await asJson.ended).toBe(0)
    expect(asJson.screen()).toMatch(/^\{"scope":".*","expiresAt":".*","shown":false\}$/m)
    expect(asJson.screen()).not.toContain(second)
    const shown = type('auth token --show')
    await shown.ended
    expect(shown.screen()).toContain(second)
  })

  it('signs out here and there', async () => {
    const { run, signedIn, platform, config } = await machine()
    await signedIn()
    const token = (await run('auth token')).stdout.trim()
    expect(await run('auth logout')).toMatchObject({ code: 0, stdout: 'Signed out.\n', stderr: '' })
    expect(platform.requestsTo('POST /oauth/revoke')).not.toEqual([])
    expect(JSON.stringify(await readJson(config))).not.toContain(token)
    expect(await run('memory list')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: .* \(login_required\)\n {2}Run: lanonasis auth login\n$/,
      ),
    })
    expect((await run('auth status')).code).toBe(3)
  })

  it('says so when the gateway could not be told', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    platform.order({ match: 'POST /oauth/revoke', action: { status: 503 } })
    const { code, stdout, stderr } = await run('auth logout')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Signed out.\n' })
    expect(stderr).toMatch(/did not confirm it for the tokens:/)
  })

  it.each([
    { answer: 200, alive: ['api-key'], says: 'for the API key: The API key was not created here' },
    { answer: 503, alive: ['tokens', 'api-key'], says: 'for the tokens and the API key: ' },
  ])(
    'says at a sign-out that a pasted key lives on, and only then the tokens: $answer',
    async ({ answer, alive, says }) => {
      const { run, signedIn, platform } = await machine()
      await signedIn()
      const { key } = await platform.createApiKey()
      expect(await run('auth login --method api-key', { input: key })).toMatchObject({ code: 0 })
      if (answer !== 200) {
        platform.order({ match: 'POST /oauth/revoke', action: { status: answer } })
      }
      const ended = await run('auth logout --key revoke --yes --json')
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(says) })
      expect(jsonOf(ended)).toMatchObject({ revoked: false, alive })
      expect((await run('auth status')).code).toBe(3)
    },
  )

  it('shows events as they come', async () => {
    const { start, run, signedIn } = await machine()
    await signedIn()
    const events = start('events --json --type memory.created --limit 1')
    await expect.poll(events.stderr, { timeout: 10_000 }).toMatch(/Waiting for events/)
    await run('memory create --title News --content text')
    const { code, stdout } = await events.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ type: 'memory.created' })
  })
})
