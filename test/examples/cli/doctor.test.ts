import { describe, expect, it } from 'vitest'
import { jsonOf, machine } from './machine.ts'

describe('doctor', () => {
  it('finds nothing wrong with services that are as they should be', async () => {
    const { run, signedIn } = await machine()
    await signedIn()
    const ended = await run('doctor --json')
    const report = jsonOf(ended)
    expect(
      report.findings.filter(({ status }: { status: string }) => status === 'failure'),
    ).toEqual([])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('is 9 when something does not work, with a table of what to do', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    platform.order({ match: '*', service: 'mcpHttp', action: { status: 503 } })
    const { code, stdout } = await run('doctor')
    expect(code).toBe(9)
    expect(stdout).toMatch(/503|not available/)
    expect(stdout.trim().split('\n').length).toBeGreaterThan(5)
  })

  it('looks at the addresses that it is given, whatever the variables say', async () => {
    const { run, platform } = await machine()
    const other = await machine()
    const addresses = Object.entries(other.platform.env).map(([name, url]) => `${name}=${url}`)
    const report = jsonOf(await run(`doctor --json --deployment ${addresses.join(',')}`))
    expect(report.deployment.name).toBe('custom')
    expect(report.deployment.endpoints.authGateway.url).toBe(other.platform.endpoints.authGateway)
    expect(other.platform.requests).not.toEqual([])
    expect(platform.requests).toEqual([])
  })

  it('names the address that is wrong', async () => {
    const { run } = await machine()
    const ended = await run('doctor --deployment AUTH_GATEWAY_URL=auth.example.com')
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('authGateway') })
  })

  it('does only what it is asked for', async () => {
    const { run } = await machine()
    const report = jsonOf(await run('doctor --json --only store --only clock'))
    const checks = report.findings.map(({ check }: { check: string }) => check)
    expect([...new Set(checks)].sort()).toEqual(['clock', 'store'])
  })
})
