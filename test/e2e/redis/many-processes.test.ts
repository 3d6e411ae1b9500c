import { beforeEach, describe, expect, it } from 'vitest'
import { accessTokenOf, hostsOn } from './hosts.ts'
import { requireRedis, startRedis } from './redis-server.ts'

const processes = 32
const rounds = 20

beforeEach(requireRedis)

describe('many processes with one Redis', () => {
  it('renew an ended token once, and none of their requests fails', {
    timeout: 120_000,
  }, async () => {
    // Without an API key, so that the memories are asked for with the access token.
    const hosts = await hostsOn(await startRedis(), { withApiKey: false, limits: true })
    const agents = await hosts.startMany(processes)
    const startedAt = performance.now()
    const outcomes = await Promise.all(agents.map((agent) => agent.do('work', { rounds })))
    const seconds = (performance.now() - startedAt) / 1_000
    const failures = outcomes.flatMap((outcome) => (outcome.ok ? outcome.value : [outcome]))
    const pages = hosts.platform.requestsTo('GET /memor*')
    console.log(
      `${processes} processes × ${rounds} requests on one Redis: ${seconds.toFixed(2)} s, ` +
        `${hosts.tokenRequests().sent} token request, ${pages.length} pages, ${failures.length} failures`,
    )
    expect(failures).toEqual([])
    expect(hosts.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
    // On a busy machine a page may have been asked for again.
    const answered = pages.filter(({ status }) => status === 200)
    expect(answered.length).toBeGreaterThanOrEqual(processes * rounds)
    expect(pages.filter(({ status }) => status >= 400)).toEqual([])
    // All of them with the pair that is in Redis, and with nothing else.
    const sent = new Set(pages.map(({ headers }) => headers.authorization))
    expect(sent).toEqual(new Set([`Bearer ${accessTokenOf(await hosts.account())}`]))
  })
})
