import { describe, expect, it } from 'vitest'
import { homeWith } from './home.ts'

const processes = 32
const rounds = 20

describe('many processes with one config file', () => {
  it('renew an ended token once, and none of their requests fails', {
    timeout: 120_000,
  }, async () => {
    // Without an API key, so that the memories are asked for with the access token.
    const home = await homeWith({ withApiKey: false, limits: true })
    const agents = await home.startMany(processes)
    const startedAt = performance.now()
    const outcomes = await Promise.all(agents.map((agent) => agent.do('work', { rounds })))
    const seconds = (performance.now() - startedAt) / 1_000
    const failures = outcomes.flatMap((outcome) => (outcome.ok ? outcome.value : [outcome]))
    const pages = home.platform.requestsTo('GET /memor*')
    console.log(
      `${processes} processes × ${rounds} requests: ${seconds.toFixed(2)} s, ` +
        `${home.tokenRequests().sent} token request, ${pages.length} pages, ${failures.length} failures`,
    )
    expect(failures).toEqual([])
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
    // On a busy machine a page may have been asked for again.
    const answered = pages.filter(({ status }) => status === 200)
    expect(answered.length).toBeGreaterThanOrEqual(processes * rounds)
    expect(pages.filter(({ status }) => status >= 400)).toEqual([])
    // All of them with the pair that stands in the file, and with nothing else.
    const { access_token } = (await home.auth()).tokens
    const sent = new Set(pages.map(({ headers }) => headers.authorization))
    expect(sent).toEqual(new Set([`Bearer ${access_token}`]))
  })
})
