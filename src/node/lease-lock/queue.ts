/**
 * Somebody who is in the directory of a lock, by the names of its files:
 *
 * | name | meaning |
 * |---|---|
 * | `<nonce>.lease` | somebody waits for the lock or holds it |
 * | `<nonce>.<ticket>.turn` | and has this place in the queue |
 * | `<nonce>.<judge>.evict` | the contender `judge` is about to remove it |
 * | `<nonce>.tmp` | a lease that is being written |
 *
 * Files of other names are none of our business.
 */
export interface QueueEntry {
  readonly nonce: string
  /** Whether its lease is there. Without it, the other files are left over. */
  readonly present: boolean
  /** `undefined` while it is choosing. */
  readonly ticket: number | undefined
  /** Whether somebody is about to remove it. */
  readonly marked: boolean
  /** The names of its files, the lease first: who is removed half way is out. */
  readonly files: readonly string[]
}

export type Queue = ReadonlyMap<string, QueueEntry>

/** A place in the queue. */
export interface Place {
  readonly nonce: string
  readonly ticket: number
}

export const fileNames = {
  lease: (nonce: string) => `${nonce}.lease`,
  turn: (nonce: string, ticket: number) => `${nonce}.${ticket}.turn`,
  mark: (nonce: string, judge: string) => `${nonce}.${judge}.evict`,
  temporary: (nonce: string) => `${nonce}.tmp`,
}

const fileName = /^([0-9a-f]+)\.(?:(lease)|(\d+)\.turn|[0-9a-f]+\.(evict)|tmp)$/

export function readQueue(names: readonly string[]): Queue {
  const queue = new Map<string, QueueEntry>()
  for (const name of names) {
    const [, nonce, lease, ticket, mark] = fileName.exec(name) ?? []
    if (nonce === undefined) continue
    const found = queue.get(nonce)
    const files = found?.files ?? []
    queue.set(nonce, {
      nonce,
      present: lease !== undefined || found?.present === true,
      ticket: ticket === undefined ? found?.ticket : Number(ticket),
      marked: mark !== undefined || found?.marked === true,
      files: lease === undefined ? [...files, name] : [name, ...files],
    })
  }
  return queue
}

/** The ticket for who comes now. */
export function nextTicket(queue: Queue): number {
  return Math.max(0, ...[...queue.values()].map(({ ticket }) => ticket ?? 0)) + 1
}

/**
 * Who may be in front of this place: who is choosing still, then lower tickets, the nearest first. Each
 * waits for the nearest and wakes up when that one leaves, not whenever anybody does.
 */
export function entriesBefore(place: Place, queue: Queue): readonly QueueEntry[] {
  const others = [...queue.values()].filter(
    ({ present, nonce }) => present && nonce !== place.nonce,
  )
  const choosing = others.filter(({ ticket }) => ticket === undefined)
  const before = others
    .flatMap((other) => (other.ticket === undefined ? [] : [{ ...other, ticket: other.ticket }]))
    .filter((other) => compare(other, place) < 0)
    .sort((one, other) => compare(other, one))
  return [...choosing, ...before]
}

/** Two who chose at the same time may have the same ticket; then the nonce decides. */
function compare(one: Place, other: Place): number {
  return one.ticket - other.ticket || (one.nonce < other.nonce ? -1 : 1)
}
