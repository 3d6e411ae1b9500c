import { describe, expect, it } from 'vitest'
import { json } from '../../support/fetches.ts'
import { epoch, platformAt } from '../../support/setup.ts'
import { examine, statuses } from '../examine.ts'

/** This machine's clock is so much ahead of the services', ms. */
const ahead = (ms: number) => ({ now: () => epoch + ms })

describe('the clock', () => {
  it.each([0, 999, 20_000, -20_000])('is well with a difference of %i ms', async (ms) => {
    expect(statuses(await examine('clock', { client: ahead(ms) }))).toEqual(['ok'])
  })

  it.each([
    [121_000, 'warning', '2 min ahead of'],
    [-60_000, 'warning', '60 s behind'],
    [3_600_000, 'failure', '60 min ahead of'],
    [-3_600_000, 'failure', '60 min behind'],
  ])('with a difference of %i ms is a %s', async (ms, status, words) => {
    const findings = await examine('clock', { client: ahead(ms) })
    expect(findings).toHaveLength(4)
    expect(findings[0]).toMatchObject({
      status,
      service: 'authGateway',
      what: expect.stringContaining(words),
      hint: expect.stringContaining('NTP'),
    })
  })

  it('of one service that is wrong is told apart', async () => {
    const platform = platformAt()
    const date = new Date(epoch - 600_000).toUTCString()
    platform.order({ match: '*', service: 'restApi', action: { status: 401, headers: { date } } })
    expect(await examine('clock', { platform })).toMatchObject([
      { status: 'failure', service: 'restApi' },
    ])
  })

  it('is not blamed for an answer out of a cache', async () => {
    const headers = { date: new Date(epoch - 600_000).toUTCString(), age: '600' }
    const fetch = async () => json(200, {}, headers)
    expect(statuses(await examine('clock', { client: { fetch } }))).toEqual(['ok'])
  })

  it('cannot be compared when nobody tells the time', async () => {
    const fetch = async () => json(200, {})
    expect(statuses(await examine('clock', { client: { fetch } }))).toEqual(['skipped'])
  })
})
