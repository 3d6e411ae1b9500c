import { chmod } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/index.ts'
import { detourTo } from '../../support/detour.ts'
import { configPath, modeOf, readJson } from '../../support/directories.ts'
import { clientOn, served } from '../clients.ts'
import { placeKinds } from '../session/disks.ts'

const origin = 'https://dashboard.lanonasis.com'

describe.each(['roadmap', '2026'] as const)('the services of %s on sockets', (generation) => {
  it('are well, before and after somebody has signed in and got a key', async () => {
    const platform = await served({ generation })
    const path = await configPath()
    const client = clientOn(platform, { path })
    const before = await client.doctor({ origin })
    expect(before.findings.filter(({ status }) => status === 'failure')).toEqual([])
    await client.login({ apiKey: { name: 'my-laptop' } })
    const file = await readJson(path)
    const after = await client.doctor({ origin })
    expect(
      after.findings.filter(({ status }) => status === 'failure' || status === 'warning'),
    ).toEqual([])
    const seen = (check: string) =>
      after.findings.filter((each) => each.check === check).map(({ status }) => status)
    expect([seen('socket'), seen('store'), seen('session'), seen('key'), seen('access')]).toEqual([
      ['ok'],
      ['ok'],
      ['ok'],
      ['ok'],
      ['ok'],
    ])
    expect(await readJson(path)).toEqual(file)
    expect(JSON.stringify(after)).not.toContain(file.auth.tokens?.access_token ?? 'never')
  })
})

describe('on sockets', () => {
  it('a port that is closed is a failure, and all that needs it is passed over', async () => {
    const platform = await served()
    const detour = await detourTo(platform.endpoints.authGateway)
    const client = clientOn(platform, {
      path: await configPath(),
      endpoints: { ...platform.endpoints, authGateway: detour.origin },
    })
    const down = await client.doctor()
    expect(down.findings.filter(({ status }) => status === 'failure')).toMatchObject([
      { check: 'services', service: 'authGateway', what: expect.stringContaining('ECONNREFUSED') },
    ])
    await detour.up()
    const { findings } = await client.doctor({ only: ['services'] })
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([])
  })

  it('a service that hangs costs its time limit once', async () => {
    const platform = await served()
    platform.order({ match: '*', service: 'authGateway', action: 'hang' })
    const client = clientOn(platform, { path: await configPath() })
    const report = await client.doctor({ timeoutMs: 300 })
    expect(report.ok).toBe(false)
    expect(report.durationMs).toBeLessThan(5_000)
    expect(platform.requests.filter(({ service }) => service === 'authGateway')).toHaveLength(1)
  })

  it('a handshake that the proxy does not pass on is a failure', async () => {
    const platform = await served()
    platform.order({ match: '*', service: 'mcpWs', action: { status: 502 } })
    const client = clientOn(platform, { path: await configPath() })
    const { findings } = await client.doctor({ only: ['socket'] })
    expect(findings).toMatchObject([{ status: 'failure', what: expect.stringContaining('502') }])
  })

  it('a handshake that wants a credential is well', async () => {
    const platform = await served({ realtime: { refusal: 401 } })
    const client = clientOn(platform, { path: await configPath() })
    const { findings } = await client.doctor({ only: ['socket'] })
    expect(findings).toMatchObject([{ status: 'ok', what: expect.stringContaining('(401)') }])
  })
})

describe('the file of a command line', () => {
  it('★30 that others can read is told of, and not changed by the look', async () => {
    const platform = await served()
    const path = await configPath({ auth: { client_id: 'lanonasis-cli' } })
    await chmod(path, 0o644)
    const client = clientOn(platform, { path })
    const { findings } = await client.doctor({ only: ['store'] })
    expect(findings).toMatchObject([
      { status: 'ok', what: expect.stringContaining(path) },
      { status: 'warning', expected: '0600', what: expect.stringContaining('0644') },
    ])
    expect(await modeOf(path)).toBe('0644')
  })

  it('that is damaged is a failure', async () => {
    const platform = await served()
    const client = clientOn(platform, { path: await configPath('{ not json') })
    const { findings } = await client.doctor({ only: ['store', 'session'] })
    expect(findings[0]).toMatchObject({ check: 'store', status: 'failure' })
  })

  const [kind] = placeKinds.filter(({ name }) => name === 'a read-only disk')
  it('on a disk that takes no writes is a failure: no session could be renewed', async ({
    skip,
  }) => {
    if (kind === undefined || kind.obstacle !== undefined) return skip(kind?.obstacle)
    const place = await kind.make()
    const path = `${place.directory}/.maas.config`
    const platform = await served()
    const client = clientOn(platform, { path })
    await client.login()
    await place.block(path)
    const { findings } = await client.doctor({ only: ['store'] })
    expect(findings.map(({ status }) => status)).toEqual(['ok', 'failure', 'failure'])
    expect(findings[2]).toMatchObject({ what: expect.stringContaining('cannot be replaced') })
    await place.unblock(path)
    expect((await client.doctor({ only: ['store'] })).ok).toBe(true)
  })
})

it('a monitor without credentials stores nothing', async () => {
  const platform = await served()
  const path = await configPath()
  const client = clientOn(platform, { path, store: memoryStore() })
  expect((await client.doctor()).ok).toBe(true)
  await expect(modeOf(path)).rejects.toMatchObject({ code: 'ENOENT' })
})
