import { describe, expect, it } from 'vitest'
import { printTable } from '../../tools/table.mjs'
import {
  complaints,
  type Moment,
  play,
  processes,
  type Rotation,
  type Round,
} from './kill-rounds.ts'

/** Rounds with a server that keeps the family on a replay, and with one that kills it. */
type Rounds = Readonly<Record<Rotation, number>>

const moments: readonly (Moment & { readonly rounds: Rounds })[] = [
  {
    name: 'has the lock',
    at: 'locked',
    leaves: 'session',
    rounds: { 'keep-family': 4, 'kill-family': 0 },
  },
  {
    name: 'wrote its intent, has sent nothing',
    at: 'send',
    leaves: 'session',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'sent the request, the server has not got it',
    at: 'sent',
    leaves: 'session',
    rounds: { 'keep-family': 6, 'kill-family': 1 },
  },
  {
    name: 'the server acted and holds the answer',
    at: 'acted',
    leaves: 'window',
    rounds: { 'keep-family': 7, 'kill-family': 1 },
  },
  {
    name: 'has the answer, has written nothing',
    at: 'commit',
    leaves: 'window',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'wrote a temporary file, not yet renamed',
    at: 'rename',
    leaves: 'window',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'renamed the file, has told nobody',
    at: 'renamed',
    leaves: 'session',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'committed, holds the lock still',
    at: 'committed',
    leaves: 'session',
    rounds: { 'keep-family': 6, 'kill-family': 1 },
  },
]

/** At the same time: most of a round is waiting. */
const lanes = 5

describe('the process that holds the lock is killed', () => {
  it('in 50 rounds, and no session is lost but where the server acted and nothing reached the disk', {
    timeout: 180_000,
  }, async () => {
    const plan = moments.flatMap((moment) =>
      (['keep-family', 'kill-family'] as const).flatMap((rotation) =>
        Array.from({ length: moment.rounds[rotation] }, () => ({ moment, rotation })),
      ),
    )
    expect(plan).toHaveLength(50)
    const inWindow = plan.filter(({ moment }) => moment.leaves === 'window')
    expect(inWindow.length).toBeGreaterThanOrEqual(15)

    const rounds: Round[] = []
    const waiting = [...plan]
    const startedAt = performance.now()
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          rounds.push(await play(next))
        }
      }),
    )
    const seconds = (performance.now() - startedAt) / 1_000
    report(rounds, seconds)
    expect(rounds.flatMap(complaints)).toEqual([])
  })
})

function report(rounds: readonly Round[], seconds: number): void {
  const rows = moments.flatMap((moment) =>
    (['keep-family', 'kill-family'] as const).flatMap((rotation) => {
      const these = rounds.filter((round) => round.moment === moment && round.rotation === rotation)
      if (these.length === 0) return []
      const good = these.filter((round) => complaints(round).length === 0)
      const kept = good.filter(() => moment.leaves === 'session')
      const requests = new Set(these.map((round) => round.requests.sent))
      const times = these.map((round) => round.seconds)
      return [
        [
          `${moment.name}${rotation === 'kill-family' ? ' (a replay kills the family)' : ''}`,
          String(these.length),
          String(kept.length),
          String(good.length - kept.length),
          String(these.length - good.length),
          [...requests].join(','),
          Math.max(...times).toFixed(1),
        ],
      ]
    }),
  )
  console.log(`${rounds.length} rounds of ${processes} processes in ${seconds.toFixed(1)} s`)
  printTable(
    ['the holder', 'rounds', 'kept', 'expired: window', 'wrong', 'requests', 'longest, s'],
    rows,
  )
}
