import { describe, expect, it } from 'vitest'
import { formatReport, type Report } from '../../src/index.ts'
import { epoch, platformAt } from '../support/setup.ts'
import { patient } from './examine.ts'

const endpoints = {
  authGateway: { url: 'https://auth.lanonasis.com', source: 'preset' },
  mcpHttp: { url: 'https://mcp.lanonasis.com/api/v1', source: 'preset' },
  mcpWs: { url: 'wss://mcp.lanonasis.com/ws', source: 'preset' },
  mcpSse: { url: 'https://mcp.lanonasis.com/api/v1/events', source: 'preset' },
  restApi: { url: 'https://api.lanonasis.com/api/v1', source: 'preset' },
} as const

const report: Report = {
  ok: false,
  startedAt: epoch,
  durationMs: 12,
  deployment: { name: 'production', clientId: 'lanonasis-cli', profile: 'default', endpoints },
  findings: [
    { check: 'services', status: 'ok', what: 'auth.lanonasis.com answers.', latencyMs: 34 },
    { check: 'session', status: 'skipped', what: 'Nobody is signed in.' },
    {
      check: 'store',
      status: 'warning',
      what: 'The file is open.',
      expected: '0600',
      hint: 'Close it.',
    },
    {
      check: 'token',
      status: 'failure',
      what: 'A wrong code is taken.',
      expected: '400 invalid_grant',
      hint: 'Take it off the network.',
    },
  ],
}

describe('a report as a table', () => {
  it('says what was found, what was expected, and what to do', async () => {
    expect(await formatReport(report)).toBe(
      [
        'production: lanonasis-cli, profile default, 2026-06-01T00:00:00.000Z',
        '  authGateway  https://auth.lanonasis.com',
        '  mcpHttp      https://mcp.lanonasis.com/api/v1',
        '  mcpWs        wss://mcp.lanonasis.com/ws',
        '  mcpSse       https://mcp.lanonasis.com/api/v1/events',
        '  restApi      https://api.lanonasis.com/api/v1',
        '',
        'ok       services  auth.lanonasis.com answers. (34 ms)',
        '-        session   Nobody is signed in.',
        'WARNING  store     The file is open.',
        '                   expected: 0600',
        '                   → Close it.',
        'FAILURE  token     A wrong code is taken.',
        '                   expected: 400 invalid_grant',
        '                   → Take it off the network.',
        '',
        'Something is wrong: 1 ok, 1 warning, 1 failure, 1 skipped, in 12 ms',
      ].join('\n'),
    )
  })

  it('cannot work the terminal, whatever a service has announced', async () => {
    const what = 'It announces \u001b[2J\nall is well\u202e.'
    const findings = [{ check: 'metadata', status: 'warning', what }] as const
    const text = await formatReport({ ...report, findings })
    expect(text).toContain('WARNING  metadata  It announces  [2J all is well .\n')
  })

  it.each([40, 60, 80, 100, 200])(
    'has no line longer than %i, except for what cannot be broken',
    async (width) => {
      const whole = await patient(platformAt()).doctor({ origin: 'https://other.example' })
      const text = await formatReport(whole, { width })
      const lines = text.split('\n').slice(7, -2)
      const room = Math.max(width, 60)
      const words = /\S{25,}/
      expect(lines.filter((line) => line.length > room && !words.test(line))).toEqual([])
      for (const { what } of whole.findings) {
        expect(text.replaceAll(/\s+/g, ' ')).toContain(what)
      }
    },
  )

  it('is made of a report that went through JSON as well', async () => {
    const whole = await patient(platformAt()).doctor()
    expect(await formatReport(JSON.parse(JSON.stringify(whole)))).toBe(await formatReport(whole))
  })

  it('may be empty', async () => {
    const text = await formatReport({ ...report, ok: true, findings: [] })
    expect(text).toContain('All is well: 0 ok, 0 warnings, 0 failures, 0 skipped')
  })
})
