import { describe, expect, it } from 'vitest'
import { failure, settle } from '../../support/async.ts'
import { type DesktopWindow, desktop } from '../../support/vscode-api.ts'
import { authorizeUrl, grant, marksIn, redirectUri, startIn } from './flow.ts'

const answer = (query = 'code=a-code&state=a-state') => `${redirectUri}?${query}`

async function opened(window: DesktopWindow) {
  await expect.poll(() => window.opened).toHaveLength(1)
}

describe('signing in with the browser, which comes back to the editor', () => {
  it('sends the registered URI, and takes the answer', async () => {
    const editor = desktop()
    const window = editor.open()
    const { running, asked, callbacks } = startIn(window)
    await opened(window)
    editor.handOver(answer())
    expect(await running).toBe(grant)
    expect(await asked).toBe(redirectUri)
    expect(callbacks.map(String)).toEqual([answer()])
  })

  it('opens the page letter by letter, although the editor encodes its own addresses anew', async () => {
    const editor = desktop()
    const window = editor.open()
    const { running } = startIn(window)
    await opened(window)
    expect(window.opened).toEqual([authorizeUrl])
    // As a `Uri`, it would have come out as another one.
    window.vscode.env.openExternal(window.vscode.Uri.parse(authorizeUrl, true))
    expect(window.opened[1]).not.toBe(authorizeUrl)
    editor.handOver(answer())
    await running
  })

  it('takes an answer that is there before the editor says that the page is open', async () => {
    const editor = desktop({ browse: () => editor.handOver(answer()) })
    expect(await startIn(editor.open()).running).toBe(grant)
  })

  it.each([
    ['a%2Bb', 'a+b'],
    ['a%25b', 'a%b'],
    ['a%2525b', 'a%25b'],
    ['a%20b', 'a b'],
    ['a%3D%3D', 'a=='],
    ['a%23b', 'a#b'],
  ])('takes a code that is written as %s whole', async (written, code) => {
    const editor = desktop()
    const window = editor.open()
    const { running, callbacks } = startIn(window)
    await opened(window)
    editor.handOver(answer(`code=${written}&state=a-state`))
    await running
    expect(callbacks[0]?.searchParams.get('code')).toBe(code)
  })

  it('gives a refusal to be checked as well', async () => {
    const editor = desktop()
    const window = editor.open()
    const refusal = new Error('refused')
    const { running } = startIn(window, { finish: () => Promise.reject(refusal) })
    await opened(window)
    editor.handOver(answer('error=access_denied&state=a-state'))
    expect(await failure(running)).toBe(refusal)
  })

  it('tells which page was opened, and until when', async () => {
    const editor = desktop()
    const window = editor.open()
    const { running, prompts } = startIn(window, {
      canPrompt: true,
      options: { timeoutMs: 60_000 },
    })
    await opened(window)
    await settle()
    editor.handOver(answer())
    await running
    expect(prompts).toEqual([{ type: 'url', url: authorizeUrl, opened: true, expiresAt: 61_000 }])
  })

  it('begins nothing when the server refuses to begin', async () => {
    const window = desktop().open()
    const refusal = new Error('refused')
    const { running } = startIn(window, { authorize: () => Promise.reject(refusal) })
    expect(await failure(running)).toBe(refusal)
    expect(window.opened).toEqual([])
    expect(window.storage.secrets.size).toBe(0)
  })
})

describe('a URI that is not the answer', () => {
  it.each([
    ['has no state', answer('code=a-code')],
    ['has an empty state', answer('code=a-code&state=')],
    ['has another state', answer('code=a-code&state=other')],
    ['has the state twice', answer('code=a-code&state=a-state&state=a-state')],
    ['has the state and another', answer('code=a-code&state=a-state&state=other')],
    ['has no query', redirectUri],
    ['came to another path', 'vscode://lanonasis.mcp-client/elsewhere?code=c&state=a-state'],
  ])('is left alone when it %s', async (_what, url) => {
    const editor = desktop()
    const window = editor.open()
    const { running, callbacks } = startIn(window)
    await opened(window)
    editor.handOver(url)
    await settle()
    expect(callbacks).toEqual([])
    editor.handOver(answer())
    expect(await running).toBe(grant)
  })

  it('is the answer that was taken already', async () => {
    const editor = desktop()
    const window = editor.open()
    const { running, callbacks } = startIn(window)
    await opened(window)
    editor.handOver(answer())
    editor.handOver(answer())
    await running
    editor.handOver(answer())
    await settle()
    expect(callbacks).toHaveLength(1)
  })

  it('is one for another extension, in whatever case its name is written', async () => {
    const editor = desktop()
    const window = editor.open()
    const { running } = startIn(window)
    await opened(window)
    editor.handOver(answer().replace('lanonasis.mcp-client', 'Lanonasis.MCP-Client'))
    expect(await running).toBe(grant)
  })
})

describe('a page that the editor does not open', () => {
  it('ends the sign-in when the person wants none', async () => {
    for (const canPrompt of [true, false]) {
      const window = desktop().open()
      window.answer = 'cancel'
      const { running, prompts } = startIn(window, { canPrompt })
      expect(await failure(running)).toMatchObject({ code: 'login_cancelled' })
      expect(prompts).toEqual([])
    }
  })

  it('is waited for when the person has copied its address to open it elsewhere', async () => {
    const editor = desktop()
    const window = editor.open()
    window.answer = 'copy'
    const { running, prompts } = startIn(window, { canPrompt: true })
    await expect.poll(() => prompts).toMatchObject([{ type: 'url', opened: false }])
    expect(window.clipboard).toBe(authorizeUrl)
    editor.handOver(answer())
    expect(await running).toBe(grant)
  })

  it('ends the sign-in when something else was copied before', async () => {
    const window = desktop().open()
    window.answer = 'cancel'
    window.clipboard = `${authorizeUrl}0`
    expect(await failure(startIn(window).running)).toMatchObject({ code: 'login_cancelled' })
  })

  it('ends the sign-in when the clipboard cannot be read', async () => {
    for (const readText of [
      () => new Promise<string>(() => {}),
      () => Promise.reject(new Error()),
    ]) {
      const window = desktop().open()
      window.answer = 'cancel'
      Object.assign(window.vscode.env, { clipboard: { readText } })
      expect(await failure(startIn(window).running)).toMatchObject({ code: 'login_cancelled' })
    }
  })

  it('is shown to the person when the editor cannot open any', async () => {
    const editor = desktop()
    const window = editor.open()
    window.answer = 'fails'
    const { running, prompts } = startIn(window, { canPrompt: true })
    await expect.poll(() => prompts).toMatchObject([{ type: 'url', opened: false }])
    editor.handOver(answer())
    expect(await running).toBe(grant)
    expect(await failure(startIn(window).running)).toMatchObject({ code: 'config_invalid' })
  })
})

describe('the end of a sign-in', () => {
  it('★10 comes after its time with the advice to look at the browser page', async () => {
    const window = desktop().open()
    const { running } = startIn(window, { options: { timeoutMs: 5 } })
    expect(await failure(running)).toMatchObject({
      code: 'login_timeout',
      hint: expect.stringMatching(/browser page/),
    })
  })

  it('comes when it is cancelled', async () => {
    const window = desktop().open()
    const controller = new AbortController()
    const { running } = startIn(window, { signal: controller.signal })
    await opened(window)
    controller.abort()
    expect(await failure(running)).toMatchObject({ code: 'aborted' })
  })

  it.each(['succeeds', 'is cancelled', 'is declined'])(
    'leaves nothing behind when it %s',
    async (how) => {
      const editor = desktop()
      const window = editor.open()
      const controller = new AbortController()
      if (how === 'is declined') window.answer = 'cancel'
      const { running, callbacks } = startIn(window, { signal: controller.signal })
      if (how !== 'is declined') await opened(window)
      if (how === 'succeeds') {
        await expect.poll(() => marksIn(window)).toEqual(['waiting'])
        editor.handOver(answer())
      }
      if (how === 'is cancelled') controller.abort()
      await Promise.allSettled([running])
      await expect.poll(() => window.storage.secrets.size).toBe(0)
      expect(window.context.globalState.get('lanonasis.signIns')).toBe(undefined)
      const taken = callbacks.length
      editor.handOver(answer())
      await settle()
      expect(callbacks).toHaveLength(taken)
    },
  )

  it.each(['fails', 'hangs'] as const)('does not depend on a keyring that %s', async (fault) => {
    const editor = desktop()
    const window = editor.open()
    window.storage.fault = fault
    const { running } = startIn(window)
    await opened(window)
    editor.handOver(answer())
    expect(await running).toBe(grant)
  })
})
