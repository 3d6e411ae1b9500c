import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { readJson } from '../../support/directories.ts'
import { missingTerminal } from '../../support/pseudo-terminal.ts'
import { jsonOf, type Machine, machine } from './machine.ts'

const missing = await missingTerminal()
beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing)
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours are made of
const colour = /\u001b\[[\d;]*m/
// biome-ignore lint/suspicious/noControlCharactersInRegex: and everything else that terminals obey
const anyEscape = /\u001b/

async function withMemories(count: number): Promise<Machine> {
  const here = await machine()
  await here.signedIn()
  for (let number = 1; number <= count; number += 1) {
    await here.run(`memory create --title Number-${number} --content text --tag tag`)
  }
  return here
}

describe('on a terminal', () => {
  it('lists in a table with a head, and shows that it is at work', async () => {
    const { type, platform } = await withMemories(1)
    platform.order({ match: 'GET /memor*', times: 1, action: { delayMs: 1_000 } })
    const list = type('memory list')
    await list.sees(/Reading memories/)
    expect(await list.ended).toBe(0)
    expect(list.screen()).toMatch(/ID +TYPE +CHANGED +TITLE +TAGS/)
    expect(list.screen()).toMatch(colour)
  })

  it('has no colours with NO_COLOR', async () => {
    const { type } = await withMemories(1)
    const list = type('memory list', { NO_COLOR: '1' })
    expect(await list.ended).toBe(0)
    expect(list.screen()).toMatch(/ID +TYPE/)
    expect(list.screen()).not.toMatch(colour)
    const failing = type('memory get nothing', { NO_COLOR: '1' })
    expect(await failing.ended).toBe(5)
    expect(failing.screen()).not.toMatch(colour)
  })

  it('says what fails before a spinner has been loaded', async () => {
    const { type } = await machine()
    for (const line of ['auth token', 'key list', 'memory stats']) {
      const failing = type(line)
      expect(await failing.ended).toBe(3)
      expect(failing.screen()).toContain('(login_required)')
      expect(failing.screen()).not.toMatch(/ {4}at |file:\/\//)
    }
  })

  it('cuts a title between its characters', async () => {
    const { type, run, signedIn } = await machine()
    await signedIn()
    for (const before of ['', 'x']) {
      const title = `${before}${'😀'.repeat(80)}`
      await run('memory create --content text', { args: ['--title', title] })
    }
    const list = type('memory list')
    expect(await list.ended).toBe(0)
    expect(list.screen().match(/😀…/g)).toHaveLength(2)
    expect(list.screen()).not.toContain('\ufffd')
  })

  it('keeps its columns under each other in every script', async () => {
    const { type, run, signedIn } = await machine()
    await signedIn()
    const titles = [
      ['plain', 5],
      ['日本語の題', 10],
      ['中文，标题', 10],
      ['한국어 제목', 11],
      ['e\u0301te\u0301', 3],
      ['👨‍👩‍👧‍👦 family', 9],
      ['🇯🇵 ❤️', 5],
    ] as const
    for (const [title] of titles) {
      await run('memory create --content text --tag tag', { args: ['--title', title] })
    }
    const list = type('memory list')
    expect(await list.ended).toBe(0)
    for (const [title, width] of titles) {
      expect(list.screen()).toContain(`  ${title}${' '.repeat(11 - width)}  tag\n`)
    }
  })

  it.each([
    { of: 'wide characters', character: '漢', width: 2 },
    { of: 'accents', character: 'e\u0301', width: 1 },
    { of: 'families', character: '👩‍👩‍👧‍👦', width: 2 },
  ])('cuts a line of $of where the terminal ends', async ({ character, width }) => {
    const { type, run, signedIn } = await machine()
    await signedIn()
    for (const before of ['', 'x']) {
      const title = `${before}${character.repeat(80)}`
      await run('memory create --content text', { args: ['--title', title] })
    }
    const list = type('memory list')
    expect(await list.ended).toBe(0)
    const found = new RegExp(`([-\\w]+ [- \\w]*)((?:${character})+)…`, 'g')
    const taken = [...list.screen().matchAll(found)].map(
      ([, before = '', text = '']) =>
        before.length + (text.length / character.length) * width + '…'.length,
    )
    // Half of a wide character is none: its column stays free.
    expect(new Set(taken)).toEqual(new Set(width === 1 ? [100] : [99, 100]))
  })

  it('asks before something is gone for good', async () => {
    const { type, platform } = await withMemories(1)
    const [memory] = platform.memories
    const no = type(`memory delete ${memory?.id}`)
    await no.sees(/for good\?/)
    no.type('\r')
    expect(await no.ended).toBe(0)
    expect(no.screen()).toContain(`The memory ${memory?.id} is as it was.`)
    expect(platform.memories).toHaveLength(1)
    const yes = type(`memory delete ${memory?.id}`)
    await yes.sees(/for good\?/)
    yes.type('y')
    expect(await yes.ended).toBe(0)
    expect(platform.memories).toEqual([])
  })

  it('says with --json that the answer was no', async () => {
    const { type, run, platform } = await withMemories(1)
    await run('key create other --print')
    const [[memory], [key]] = [platform.memories, platform.apiKeys]
    for (const [line, said] of [
      [`memory delete ${memory?.id}`, { id: memory?.id, deleted: false }],
      [`key revoke ${key?.id}`, { id: key?.id, revoked: false }],
    ] as const) {
      const no = type(`${line} --json`)
      await no.sees(/for good\?/)
      no.type('\r')
      expect(await no.ended).toBe(0)
      expect(no.screen()).toContain(JSON.stringify(said))
    }
    expect(platform.memories).toHaveLength(1)
    expect(key).toMatchObject({ active: true })
  })

  it('shows what it does beside the JSON that goes elsewhere', async () => {
    const { type, platform, home } = await withMemories(1)
    platform.order({ match: 'GET /memor*', times: 1, action: { delayMs: 1_000 } })
    const list = type(`memory list --json > "${home}/result"`)
    await list.sees(/Reading memories/)
    expect(await list.ended).toBe(0)
    expect((await readJson(`${home}/result`)).items).toHaveLength(1)
  })
})

describe('in a pipe', () => {
  it('is plain text, one a line, with tabs, and silent beside that', async () => {
    const { run } = await withMemories(2)
    const { stdout, stderr } = await run('memory list')
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t').length),
    ).toEqual([5, 5])
    expect(stdout + stderr).not.toMatch(anyEscape)
    expect(stderr).toBe('')
  })

  it.each([
    'auth status',
    'auth import',
    'auth token',
    'key list',
    'memory list',
    'memory stats',
    'memory search Number',
    'auth token --refresh',
    'auth logout',
  ])('%s --json prints one JSON value and nothing else', async (line) => {
    const { run } = await withMemories(1)
    const ended = await run(`${line} --json`)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout.endsWith('\n')).toBe(true)
    expect(jsonOf(ended)).toBeTypeOf('object')
  })

  it('prints nothing, not even a line, when there are no keys', async () => {
    const { run, signedIn } = await machine()
    await signedIn()
    expect(await run('key list')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  it('prints JSON for what is wrong before it was read', async () => {
    const { run } = await machine()
    const ended = await run('--environment moon auth status --json')
    expect(ended.code).toBe(2)
    expect(jsonOf(ended)).toMatchObject({ error: { code: 'usage' } })
  })

  it('takes --json before the command as well', async () => {
    const { run } = await withMemories(1)
    expect(jsonOf(await run('--json memory list')).items).toHaveLength(1)
  })

  it('ends quietly when nobody reads any more', async () => {
    const { start, platform } = await withMemories(4)
    platform.order({ match: 'GET /memor*', action: { delayMs: 1_000 } })
    const list = start('memory list --all --limit 1')
    await expect.poll(() => platform.requestsTo('GET /memor*').length, { timeout: 20_000 }).toBe(1)
    list.closeOutput()
    expect(await list.ended).toMatchObject({ code: 141, stderr: '' })
    expect(platform.requestsTo('GET /memor*').length).toBeLessThan(4)
  })

  it('ends quietly when nobody reads its help', async () => {
    const { main, env } = await machine()
    const line = `"${process.execPath}" "${main}" --help | true`
    const shell = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    shell.stderr.on('data', (chunk) => {
      said += chunk
    })
    await once(shell, 'close')
    expect(said).toBe('')
  })

  it('leaves no key that nobody has seen', async () => {
    const { start, signedIn, platform } = await machine()
    await signedIn()
    platform.order({ match: 'POST /auth/api-keys', times: 1, action: { delayMs: 1_000 } })
    const create = start('key create other --print')
    await expect
      .poll(() => platform.requestsTo('POST /auth/api-keys').length, { timeout: 20_000 })
      .toBe(1)
    create.closeOutput()
    expect(await create.ended).toMatchObject({
      code: 141,
      stderr: expect.stringContaining('Nobody has got the new key, so it was revoked.'),
    })
    expect(platform.apiKeys).toMatchObject([{ active: false }])
  })

  it('★21 keeps the key that works when nobody reads the new one', async () => {
    const { start, run, signedIn, platform } = await machine()
    await signedIn()
    const old = (await run('key create other --print')).stdout.trim()
    platform.order({ match: 'POST /auth/api-keys', times: 1, action: { delayMs: 1_000 } })
    const rotate = start(`key rotate ${platform.apiKeys[0]?.id} --print`)
    await expect
      .poll(() => platform.requestsTo('POST /auth/api-keys').length, { timeout: 20_000 })
      .toBe(2)
    rotate.closeOutput()
    expect(await rotate.ended).toMatchObject({
      code: 141,
      stderr: expect.stringContaining('The old key is as it was.'),
    })
    expect(platform.apiKeys).toMatchObject([{ active: true }, { active: false }])
    expect((await run('memory list', { env: { LANONASIS_API_KEY: old } })).code).toBe(0)
  })
})

describe('what services say', () => {
  const nasty = 'red\u001b[31m\u0007 and\u202e back\u009b2J'

  it('cannot work the terminal', async () => {
    const { run, signedIn } = await machine()
    await signedIn()
    const id = (
      await run('memory create --tag tag', { args: ['--title', nasty, '--content', nasty] })
    ).stdout.trim()
    for (const line of [
      'memory list',
      'memory search red',
      `memory get ${id}`,
      'memory list --all',
    ]) {
      const { stdout } = await run(line)
      expect(stdout).toContain('red')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/)
    }
    // A script gets it as it is; JSON has its own way to write it.
    expect(jsonOf(await run(`memory get ${id} --json`)).title).toBe(nasty)
  })
})
