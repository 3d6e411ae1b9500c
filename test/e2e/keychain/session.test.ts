import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modeOf } from '../../support/directories.ts'
import { homeWith } from '../session/home.ts'
import { complaints, type Moment, play } from '../session/kill-rounds.ts'
import { useDesktop } from './desktop.ts'
import { inKeychain } from './keychain-home.ts'

const setup = useDesktop()
const elsewhere = (service: string) => inKeychain(setup.desktop, service)

const processes = 32

describe('many processes with one keychain', () => {
  it('renew an ended token once, and none of their requests fails', {
    timeout: 180_000,
  }, async () => {
    const home = await homeWith({
      withApiKey: false,
      limits: true,
      elsewhere: elsewhere('auth-client-many'),
    })
    const agents = await home.startMany(processes)
    const startedAt = performance.now()
    const outcomes = await Promise.all(agents.map((agent) => agent.do('work', { rounds: 3 })))
    const seconds = (performance.now() - startedAt) / 1_000
    const failures = outcomes.flatMap((outcome) => (outcome.ok ? outcome.value : [outcome]))
    const { sent } = home.tokenRequests()
    console.log(
      `${processes} processes on one keychain: ${seconds.toFixed(2)} s, ${sent} token request, ${failures.length} failures`,
    )
    expect(failures).toEqual([])
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
    const pages = home.platform.requestsTo('GET /memor*')
    const used = new Set(pages.map(({ headers }) => headers.authorization))
    expect(used).toEqual(new Set([`Bearer ${(await home.auth()).tokens.access_token}`]))

    // No secret lies in any file, and those that lie there are for their owner only.
    const directory = dirname(home.path)
    const { access_token, refresh_token } = (await home.auth()).tokens
    const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile(),
    )
    for (const { parentPath, name } of files) {
      const text = await readFile(join(parentPath, name), 'utf8')
      for (const secret of [access_token, refresh_token, home.tokens.refreshToken]) {
        expect(text).not.toContain(secret)
      }
      expect(await modeOf(join(parentPath, name))).toBe('0600')
    }
  })
})

const moments: readonly Moment[] = [
  { name: 'has the lock', at: 'locked', leaves: 'session' },
  { name: 'sent the request, the server has not got it', at: 'sent', leaves: 'session' },
  { name: 'the server acted and holds the answer', at: 'acted', leaves: 'window' },
  {
    name: 'put the pair into the keychain, the index does not say so',
    at: 'rename',
    leaves: 'window',
  },
  { name: 'wrote the index, has told nobody', at: 'renamed', leaves: 'session' },
  { name: 'committed, holds the lock still', at: 'committed', leaves: 'session' },
]

describe('the process that holds the lock is killed, with a keychain', () => {
  it.each(moments)(
    'and no session is lost but where the server acted and nothing was written: $name',
    { timeout: 60_000 },
    async (moment) => {
      const round = await play(
        { moment, rotation: 'keep-family' },
        { elsewhere: elsewhere('auth-client-kill') },
      )
      expect(complaints(round)).toEqual([])
    },
  )
})
