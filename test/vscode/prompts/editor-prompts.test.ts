import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { pasteFlow } from '../../../src/node.ts'
import { deviceFlow, editorPrompts, type PromptingOptions } from '../../../src/vscode.ts'
import { deferred, failure } from '../../support/async.ts'
import { clientFor, platformAt } from '../../support/setup.ts'
import { promptingEditor } from './prompting-editor.ts'

// The device's polls are seconds apart.
vi.mock('../../../src/async/pause.ts', () => ({ pause: () => new Promise(setImmediate) }))

const url = 'https://auth.example.com/device'
const code = { type: 'device-code', url, userCode: 'ABCD-EFGH', expiresAt: 0 } as const

/** A sign-in under way in an editor. */
function begin(texts?: Parameters<typeof editorPrompts>[0]['texts']) {
  const person = promptingEditor()
  const end = deferred<string>()
  const given = deferred<PromptingOptions>()
  const result = editorPrompts({ vscode: person.vscode, texts })((prompts) => {
    given.resolve(prompts)
    return end.promise
  })
  return { ...person, end, given: given.promise, result }
}

describe('the prompts of a sign-in in an editor', () => {
  it('give what the sign-in gives, and leave nothing open', async () => {
    const { given, end, result, seen } = begin()
    const { onPrompt } = await given
    onPrompt(code)
    expect(seen.pick?.title).toContain('ABCD-EFGH')
    end.resolve('done')
    expect(await result).toBe('done')
    expect(seen.pick).toBeUndefined()
  })

  it('leave nothing open when the sign-in fails, and fail as it does', async () => {
    const { given, end, result, seen } = begin()
    const { onPrompt } = await given
    onPrompt(code)
    end.reject(new Error('no'))
    expect(await failure(result)).toMatchObject({ message: 'no' })
    expect(seen.pick).toBeUndefined()
  })

  it('have actions that open the page with the code in it, or copy its address', async () => {
    const { given, seen, choose } = begin()
    const { onPrompt } = await given
    onPrompt({ ...code, urlComplete: `${url}?code=ABCD-EFGH` })
    choose(0)
    expect(seen.opened).toEqual([`${url}?code=ABCD-EFGH`])
    choose(1)
    expect(seen.clipboard).toBe(`${url}?code=ABCD-EFGH`)
    expect(seen.pick).toBeDefined()
  })

  it('are told of once more when the person has closed them, and can be had back', async () => {
    const { given, end, result, seen, pressEscape, answer, choose } = begin()
    const { onPrompt, signal } = await given
    onPrompt(code)
    pressEscape()
    expect(seen.pick).toBeUndefined()
    expect(seen.messages).toEqual([expect.stringMatching(/code ABCD-EFGH.*\[Show Again\]$/)])
    expect(signal.aborted).toBe(false)
    answer('Show Again')
    await expect.poll(() => seen.pick?.title).toContain('ABCD-EFGH')
    choose(1)
    expect(seen.clipboard).toBe(url)
    pressEscape()
    expect(seen.messages).toHaveLength(2)
    end.resolve('done')
    await result
    // The message is there still, and of no use any more.
    answer('Show Again')
    await new Promise(setImmediate)
    expect(seen.pick).toBeUndefined()
  })

  it('are not told of when the sign-in itself has closed them', async () => {
    const { given, end, result, seen } = begin()
    const { onPrompt } = await given
    onPrompt(code)
    onPrompt({ ...code, userCode: 'IJKL-MNOP' })
    expect(seen.pick?.title).toContain('IJKL-MNOP')
    end.resolve('done')
    await result
    expect(seen.messages).toEqual([])
  })

  it('have the box for an address back as well, when the person has closed it', async () => {
    const { given, seen, pressEscape, answer } = begin()
    const { onPrompt } = await given
    onPrompt({ type: 'paste', url, submit: () => {}, expiresAt: 0, reading: false })
    pressEscape()
    expect(seen.messages).toEqual([
      expect.stringMatching(/^The sign-in goes on\. .*\[Show Again\]$/),
    ])
    answer('Show Again')
    await expect.poll(() => seen.box).toBeDefined()
  })

  it('show a page only where no browser was opened on it', async () => {
    const { given, seen } = begin()
    const { onPrompt } = await given
    onPrompt({ type: 'url', url, opened: true, expiresAt: 0 })
    expect(seen.pick).toBeUndefined()
    onPrompt({ type: 'url', url, opened: false, expiresAt: 0 })
    expect(seen.pick?.title).toBe('Sign in to Lanonasis')
  })

  it('say what is waited for, in the words of the extension', async () => {
    const { given, seen } = begin({ title: 'Bei Lanonasis anmelden' })
    const { onPrompt } = await given
    onPrompt({ type: 'waiting', for: 'approval' })
    expect(seen.progress).toEqual(['Bei Lanonasis anmelden', 'waiting for you to allow it…'])
  })

  it('cancel the sign-in when the person does', async () => {
    const { given, cancel } = begin()
    const { signal } = await given
    cancel()
    expect(signal.aborted).toBe(true)
  })

  it('sign in with a code, from the first prompt to the last', async () => {
    const platform = platformAt({ limits: false })
    const { vscode, seen } = promptingEditor()
    const client = clientFor(platform, { login: deviceFlow({ qrCode: false }) })
    onTestFinished(() => client.close())
    const session = await editorPrompts({ vscode })(({ onPrompt, signal }) =>
      client.login({
        signal,
        onPrompt(prompt) {
          onPrompt(prompt)
          if (prompt.type === 'device-code') {
            void platform.approveDevice(prompt.urlComplete ?? '')
            expect(seen.pick?.title).toContain(prompt.userCode)
          }
        },
      }),
    )
    expect(session).toMatchObject({ status: 'signed-in' })
  })

  it('ask for the address of the browser, hide what is given, and say why it was not taken', async () => {
    const platform = platformAt({ limits: false })
    const { vscode, seen, paste } = promptingEditor()
    const login = pasteFlow({ readLine: false, listen: false })
    const client = clientFor(platform, { login })
    onTestFinished(() => client.close())
    const said: unknown[] = []
    const session = await editorPrompts({ vscode })(({ onPrompt, signal }) =>
      client.login({
        signal,
        onPrompt(prompt) {
          onPrompt(prompt)
          if (prompt.type !== 'paste') return
          said.push(seen.box?.validationMessage)
          expect(seen.box?.password).toBe(true)
          if (prompt.problem === undefined) setImmediate(paste, 'https://elsewhere.example/')
          else void platform.signIn(prompt.url).then(paste)
        },
      }),
    )
    expect(session).toMatchObject({ status: 'signed-in' })
    expect(seen.opened).toHaveLength(1)
    expect(said).toEqual([undefined, expect.stringContaining('neither the address')])
    expect(seen.box).toBeUndefined()
  })
})
