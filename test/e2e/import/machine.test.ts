import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportReport } from '../../../src/node.ts'
import { cliConfig, encryptedFile, oldSalts } from '../../import/fixtures/contents.ts'
import { homeWith } from '../../import/fixtures/home.ts'
import { modeOf } from '../../support/directories.ts'
import { runProgram } from '../../support/program.ts'
import { served } from '../clients.ts'

/** A command line of today in the home of somebody who had the old one: it imports, and works. */
const program = `
  import { createClient, importCredentials } from './node.ts'
  const client = createClient()
  const options = { issuer: process.env.AUTH_GATEWAY_URL, keychain: false, oldFiles: process.env.OLD_FILES }
  const report = await importCredentials(client, options)
  const { total } = await client.memory.list()
  const token = await client.getAccessToken()
  console.log(JSON.stringify({ report, total, renewed: token !== process.env.OLD_TOKEN }))
`

interface Said {
  readonly report: ImportReport
  readonly total: number
  readonly renewed: boolean
}

async function oldHome() {
  const platform = await served({ now: Date.now })
  const { accessToken, refreshToken } = await platform.issueTokens()
  const { key } = await platform.createApiKey()
  const home = await homeWith({
    '.maas/config.json': cliConfig({
      apiUrl: undefined,
      discoveredServices: { auth_base: platform.endpoints.authGateway },
      token: accessToken,
      refresh_token: refreshToken,
      // It has ended long ago: the pair has to be renewed.
      token_expires_at: 1_700_000_000_000,
      authMethod: 'jwt',
      vendorKey: 'stored_in_api_key_storage',
    }),
    '.lanonasis/api-key.enc': encryptedFile({ apiKey: key }, { salt: oldSalts.key }),
  })
  const run = async (variables: Record<string, string> = {}) => {
    const { lines, ended } = await runProgram(program, {
      ...platform.env,
      HOME: home,
      OLD_TOKEN: accessToken,
      ...variables,
    })
    const { value: line } = await lines.next()
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const said: Said = JSON.parse(line)
    return said
  }
  return { platform, home, key, secrets: [accessToken, refreshToken, key], run }
}

describe('a program in the home of the old one', () => {
  it('★30 goes on with what it finds there, and leaves that as it is', async () => {
    const { platform, home, key, secrets, run } = await oldHome()
    const { report, renewed } = await run()
    expect(report.taken.map(({ kind }) => kind)).toEqual(['tokens', 'api-key'])
    expect(report.hints.map(({ code }) => code)).toEqual(Array(2).fill('readable_by_others'))
    expect(secrets.filter((secret) => JSON.stringify(report).includes(secret))).toEqual([])
    expect(renewed).toBe(true)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    const config = join(home, '.maas.config')
    expect(await modeOf(config)).toBe('0600')
    expect(await modeOf(join(home, '.maas/config.json'))).toBe('0644')
    expect(await readFile(join(home, '.maas/config.json'), 'utf8')).toContain(secrets[1])
    expect(await readFile(config, 'utf8')).toContain(key)
  })

  it('★13 may import at each of its starts', async () => {
    const { platform, run } = await oldHome()
    await run()
    const { report } = await run()
    expect(report.taken).toEqual([])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('may import in several processes at the same time: one of them takes it', async () => {
    const { platform, run } = await oldHome()
    const reports = await Promise.all([run(), run(), run()])
    const taken = reports.flatMap(({ report }) => report.taken.map(({ kind }) => kind))
    expect(taken.sort()).toEqual(['api-key', 'tokens'])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('★30 removes the old files when asked for, and has lost nothing', async () => {
    const { home, run } = await oldHome()
    const { report } = await run({ OLD_FILES: 'remove' })
    expect(report.found.map(({ became }) => became)).toEqual(['removed', 'removed'])
    await expect(readFile(join(home, '.lanonasis/api-key.enc'))).rejects.toThrow('ENOENT')
    expect((await run()).total).toBe(0)
  })
})
