import { describe, expect, it, vi } from 'vitest'
import type { LoginPrompt } from '../../src/login/flow.ts'
import { terminalPrompts } from '../../src/node/terminal-prompts.ts'
import { settle } from '../support/async.ts'

const url = 'https://auth.example.com/page'
const expiresAt = 0
const submit = () => {}

async function written(prompt: LoginPrompt, texts = {}): Promise<string> {
  let text = ''
  const write = (chunk: string) => {
    text += chunk
  }
  terminalPrompts({ write, texts })(prompt)
  await vi.dynamicImportSettled()
  await settle()
  return text
}

describe('telling a person at a terminal', () => {
  it.each([
    ['that a browser was opened', { type: 'url', url, opened: true, expiresAt }, /was opened/],
    [
      'to open one',
      { type: 'url', url, opened: false, expiresAt },
      /Open this address in a browser on this machine/,
    ],
    [
      'the code of a device',
      { type: 'device-code', url, userCode: 'ABCD-EFGH', expiresAt },
      /enter the code ABCD-EFGH/,
    ],
    ['to paste', { type: 'paste', url, expiresAt, reading: true, submit }, /is not shown/],
  ] as const)('%s, with the address on a line of its own', async (_name, prompt, words) => {
    const text = await written(prompt)
    expect(text).toMatch(words)
    expect(text.split('\n')).toContain(url)
    expect(text.endsWith('\n')).toBe(true)
  })

  it('shows the QR code and the short way where there are any', async () => {
    const prompt = { type: 'device-code', url, userCode: 'A', expiresAt } as const
    const text = await written({ ...prompt, urlComplete: `${url}?code=A`, qrCode: '█▀\n▄█' })
    expect(text).toContain(`\n${url}?code=A\n█▀\n▄█\n`)
    expect(await written(prompt)).not.toContain('undefined')
  })

  it('says only what is wrong when it asks again', async () => {
    for (const problem of [
      'not-an-answer',
      'another-sign-in',
      'address-needed',
      'refused',
    ] as const) {
      const text = await written({ type: 'paste', url, expiresAt, reading: true, problem, submit })
      expect(text).not.toContain(url)
      expect(text.length).toBeGreaterThan(20)
    }
  })

  it('says nothing where there is nothing to do', async () => {
    expect(await written({ type: 'waiting', for: 'tokens' })).toBe('')
    expect(await written({ type: 'waiting', for: 'approval' })).not.toBe('')
  })

  it('speaks as the application wants', async () => {
    const texts = { url: (prompt: { url: string }) => `Bitte hier anmelden: ${prompt.url}` }
    const prompt = { type: 'url', url, opened: true, expiresAt } as const
    expect(await written(prompt, texts)).toBe(`Bitte hier anmelden: ${url}\n`)
    expect(await written({ type: 'waiting', for: 'server' }, texts)).toMatch(/Trying again/)
  })
})
