import { describe, expect, it } from 'vitest'
import { deviceFlow } from '../../../src/login/device/device-flow.ts'
import type { DeviceAuthorization, LoginGrant, LoginPrompt } from '../../../src/login/flow.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { contextOf } from '../../support/login-context.ts'

const grant: LoginGrant = { accessToken: new Secret('x'), tokenType: 'Bearer', kind: 'jwt' }
const page = 'https://auth.example.com/device'

function deviceOf(changes: Partial<DeviceAuthorization> = {}): DeviceAuthorization {
  return {
    userCode: 'ABCD-EFGH',
    url: page,
    urlComplete: `${page}?code=ABCD-EFGH`,
    expiresAt: 901_000,
    finish: async () => grant,
    ...changes,
  }
}

async function run(device = deviceOf(), options: Parameters<typeof deviceFlow>[0] = {}) {
  const prompts: LoginPrompt[] = []
  const limits: unknown[] = []
  const context = contextOf({
    canPrompt: true,
    prompt: (prompt) => prompts.push(prompt),
    device: {
      isOffered: async () => true,
      start: async (given) => {
        limits.push(given)
        return device
      },
    },
  })
  const tokens = await deviceFlow(options).run(context)
  return { tokens, prompts, limits, shown: prompts[0] }
}

describe('signing in with another device', () => {
  it('shows the code as data, says what is waited for, and brings the tokens', async () => {
    const { tokens, prompts } = await run()
    expect(tokens).toBe(grant)
    expect(prompts).toEqual([
      {
        type: 'device-code',
        url: page,
        urlComplete: `${page}?code=ABCD-EFGH`,
        userCode: 'ABCD-EFGH',
        expiresAt: 901_000,
        qrCode: expect.stringMatching(/^[█▀▄ \n]+$/),
      },
      { type: 'waiting', for: 'approval' },
    ])
  })

  it('has a QR code for an https address with the code in it, and for nothing else', async () => {
    const local = 'http://127.0.0.1:8080/device?code=ABCD-EFGH'
    expect((await run(deviceOf({ urlComplete: local }))).shown).not.toHaveProperty('qrCode')
    const without = (await run(deviceOf({ urlComplete: undefined }))).shown
    expect(without).not.toHaveProperty('qrCode')
    expect(without).not.toHaveProperty('urlComplete')
    expect((await run(deviceOf(), { qrCode: false })).shown).not.toHaveProperty('qrCode')
  })

  it.each([
    ['of the usual length', 60, 50],
    ['as long as may be', 458, 80],
  ])(
    'has one that fits the width of a terminal for an address %s',
    async (_what, size, columns) => {
      const { shown } = await run(deviceOf({ urlComplete: `${page}?code=`.padEnd(size, 'x') }))
      const lines = shown?.type === 'device-code' ? (shown.qrCode?.split('\n') ?? []) : []
      expect(new Set(lines.map(({ length }) => length)).size).toBe(1)
      expect(lines[0]?.length).toBeLessThanOrEqual(columns)
    },
  )

  it.each([459, 10_000])('does without one for an address of %d characters', async (size) => {
    const { shown, tokens } = await run(
      deviceOf({ urlComplete: `${page}?code=`.padEnd(size, 'x') }),
    )
    expect(shown).toMatchObject({ type: 'device-code', userCode: 'ABCD-EFGH' })
    expect(shown).not.toHaveProperty('qrCode')
    expect(tokens).toBe(grant)
  })

  it('passes on how long to wait', async () => {
    expect((await run(deviceOf(), { timeoutMs: 7 })).limits).toEqual([{ timeoutMs: 7 }])
  })

  it('needs somebody to show its code, and a server that has it', async () => {
    const flow = deviceFlow()
    expect(await flow.canRun(contextOf())).toMatchObject({
      ok: false,
      reason: expect.stringContaining('onPrompt'),
    })
    const start = async () => deviceOf()
    const device = { isOffered: async () => false, start }
    expect(await flow.canRun(contextOf({ canPrompt: true, device }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('server'),
    })
    expect(await flow.canRun(contextOf({ canPrompt: true }))).toEqual({ ok: true })
  })
})
