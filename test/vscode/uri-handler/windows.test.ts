import { afterEach, describe, expect, it, vi } from 'vitest'
import { type DesktopWindow, desktop } from '../../support/vscode-api.ts'
import { flowIn, grant, marksIn, redirectUri, startIn } from './flow.ts'

afterEach(() => {
  vi.useRealTimers()
})

const answerTo = (state: string) => `${redirectUri}?code=code-for-${state}&state=${state}`

/** Until this window knows of the sign-in in another one. */
async function knows(window: DesktopWindow, count = 1) {
  await vi.waitFor(() => expect(marksIn(window)).toHaveLength(count))
}

describe('several windows', () => {
  it('pass the answer on to the one that waits for it', async () => {
    const editor = desktop({ flushMs: 50 })
    const [first, second, third] = [editor.open(), editor.open(), editor.open()]
    for (const window of [second, third]) flowIn(window)
    const { running, callbacks } = startIn(first)
    await knows(third)
    editor.handOver(answerTo('a-state'))
    expect(await running).toBe(grant)
    expect(callbacks.map(String)).toEqual([answerTo('a-state')])
    for (const window of [first, second, third]) {
      await vi.waitFor(() => expect(window.storage.secrets.size).toBe(0))
    }
  })

  it('each sign in for themselves, whichever the system gives the answers to', async () => {
    const editor = desktop()
    const [first, second] = [editor.open(), editor.open()]
    const one = startIn(first, { state: 'one' })
    const two = startIn(second, { state: 'two' })
    await knows(first, 2)
    await knows(second, 2)
    first.focus()
    editor.handOver(answerTo('two'))
    second.focus()
    editor.handOver(answerTo('one'))
    await Promise.all([one.running, two.running])
    expect(one.callbacks.map(String)).toEqual([answerTo('one')])
    expect(two.callbacks.map(String)).toEqual([answerTo('two')])
  })

  it('wait for a moment for the news of a sign-in whose browser was quicker', async () => {
    const editor = desktop({ flushMs: 200 })
    const [first, second] = [editor.open(), editor.open()]
    flowIn(second)
    const { running } = startIn(first)
    await vi.waitFor(() => expect(first.opened).toHaveLength(1))
    editor.handOver(answerTo('a-state'))
    expect(marksIn(second)).toEqual([])
    expect(await running).toBe(grant)
  })

  it('write down nothing of an answer that no window waits for', async () => {
    const editor = desktop()
    const [first, second] = [editor.open(), editor.open()]
    flowIn(second)
    const stored = vi.fn()
    first.context.secrets.onDidChange(stored)
    const { running } = startIn(first)
    await knows(second)
    editor.handOver(answerTo('guessed'))
    editor.handOver(answerTo('a-state'))
    await running
    await vi.waitFor(() => expect(second.storage.secrets.size).toBe(0))
    expect(new Set(stored.mock.calls.flat().map(({ key }) => key)).size).toBe(1)
  })

  it('keep no state and no code in the mark of a sign-in', async () => {
    const editor = desktop()
    const window = editor.open()
    const { running } = startIn(window)
    await knows(window)
    expect(JSON.stringify([...window.storage.secrets])).not.toContain('a-state')
    editor.handOver(answerTo('a-state'))
    await running
  })

  it('remove an answer that nobody took, because its window has crashed', async () => {
    const editor = desktop()
    const [first, second] = [editor.open(), editor.open()]
    flowIn(second)
    startIn(first)
    await knows(second)
    first.storage.crash()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    editor.handOver(answerTo('a-state'))
    await vi.waitFor(() => expect(marksIn(second).join()).toContain('code-for-a-state'))
    await vi.advanceTimersByTimeAsync(30_000)
    await vi.waitFor(() => expect(marksIn(second)).toEqual([]))
  })

  it('remove the mark of a crashed window at the next sign-in after a long while', async () => {
    const editor = desktop()
    const [first, second] = [editor.open(), editor.open()]
    startIn(first)
    await knows(second)
    first.storage.crash()
    const soon = startIn(second, { state: 'soon' })
    await knows(second, 2)
    editor.handOver(answerTo('soon'))
    await soon.running
    await knows(second, 1)
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() + 3_700_000)
    const late = startIn(second, { state: 'late' })
    await vi.waitFor(() => expect(second.opened).toHaveLength(2))
    editor.handOver(answerTo('late'))
    await late.running
    await vi.waitFor(() => expect(second.storage.secrets.size).toBe(0))
    expect(second.context.globalState.get('lanonasis.signIns')).toBe(undefined)
  })
})

describe('one window', () => {
  it('has one handler for all flows, and each gets its own answer', async () => {
    const editor = desktop()
    const window = editor.open()
    const one = startIn(window, { state: 'one' })
    const two = startIn(window, { state: 'two' })
    await vi.waitFor(() => expect(window.opened).toHaveLength(2))
    editor.handOver(answerTo('two'))
    await two.running
    expect(one.callbacks).toEqual([])
    editor.handOver(answerTo('one'))
    await one.running
    expect(one.callbacks.map(String)).toEqual([answerTo('one')])
  })

  it('finds the handler again when the API is imported in another way', async () => {
    const { vscode, ...window } = desktop().open()
    flowIn({ ...window, vscode })
    const { env, Uri } = vscode
    const copy = { env, Uri, window: vscode.window }
    const flow = flowIn({ ...window, vscode: copy })
    const { login } = startIn({ ...window, vscode })
    expect(await flow.canRun(login)).toEqual({ ok: true })
  })

  it('registers anew after the extension was deactivated', async () => {
    const editor = desktop()
    const window = editor.open()
    const before = flowIn(window)
    window.deactivate()
    const { login, running } = startIn(window)
    expect(await before.canRun(login)).toMatchObject({
      reason: 'the extension has been deactivated',
    })
    await vi.waitFor(() => expect(window.opened).toHaveLength(1))
    editor.handOver(answerTo('a-state'))
    expect(await running).toBe(grant)
  })
})

describe('an extension with a URI handler of its own', () => {
  it('is told to hand over what comes to it', async () => {
    const window = desktop().open()
    window.vscode.window.registerUriHandler({ handleUri: () => undefined })
    const { login, running } = startIn(window)
    running.catch(() => {})
    expect(await flowIn(window).canRun(login)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('handlesUris'),
    })
    await expect(running).rejects.toMatchObject({ code: 'config_invalid' })
  })

  it('hands over, and is told what was not for this flow', async () => {
    const window = desktop().open()
    const { vscode } = window
    const own = { handleUri: () => undefined }
    vscode.window.registerUriHandler(own)
    const { flow, running } = startIn(window, { options: { handlesUris: true } })
    await vi.waitFor(() => expect(window.opened).toHaveLength(1))
    expect(
      await flow.handleUri(vscode.Uri.parse('vscode://lanonasis.mcp-client/open?file=1')),
    ).toBe(false)
    expect(await flow.handleUri(vscode.Uri.parse(answerTo('a-state')))).toBe(true)
    expect(await running).toBe(grant)
  })

  it('hands over what another window waits for', async () => {
    const editor = desktop()
    const [first, second] = [editor.open(), editor.open()]
    const { running } = startIn(first)
    const flow = flowIn(second, { handlesUris: true })
    await knows(second)
    expect(await flow.handleUri(second.vscode.Uri.parse(answerTo('a-state')))).toBe(true)
    expect(await running).toBe(grant)
  })
})
