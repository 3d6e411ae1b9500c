import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { randomFrom } from './random.ts'

/**
 * What becomes of a connection.
 *
 * | mischief | |
 * |---|---|
 * | `none` | it works |
 * | `refuse` | it is closed before a byte went through |
 * | `cut` | it is closed in both directions |
 * | `reset` | it is closed by a reset |
 * | `half-close` | one direction ends, the other goes on |
 * | `drop` | what comes in is thrown away, in one direction or both, and the connection stays |
 * | `delay` | what comes in goes on later, piece by piece |
 */
const mischiefs = ['none', 'refuse', 'cut', 'reset', 'half-close', 'drop', 'delay'] as const
type Mischief = (typeof mischiefs)[number]

/** A TCP proxy that is no good. */
export interface ChaosProxy {
  readonly origin: string
  /** The connections of clients that are open. */
  readonly open: number
  /** How many connections met what. */
  readonly met: Readonly<Record<Mischief, number>>
  /** Connections from now on work; those that are there keep what they met. */
  calm(): void
  close(): Promise<void>
}

type Direction = 'up' | 'down'

/** Of one connection, known from its start: the same seed brings the same to the same number. */
interface Fate {
  readonly mischief: Mischief
  readonly afterMs: number
  readonly directions: readonly Direction[]
  readonly lagMs: number
}

const longestLife = 1_000
const longestLag = 400

/** Stands between a client and `target`, and does harm by a schedule that follows from `seed` alone. */
export async function startChaosProxy(options: {
  readonly target: string
  readonly seed: number
}): Promise<ChaosProxy> {
  const { hostname, port: targetPort } = new URL(options.target)
  const met: Record<Mischief, number> = {
    none: 0,
    refuse: 0,
    cut: 0,
    reset: 0,
    'half-close': 0,
    drop: 0,
    delay: 0,
  }
  const pairs = new Set<Pair>()
  let count = 0
  let isCalm = false

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    count += 1
    const fate = isCalm ? calmFate : fateOf(options.seed, count)
    met[fate.mischief] += 1
    if (fate.mischief === 'refuse') {
      client.on('error', () => {})
      client.destroy()
      return
    }
    const port = Number(targetPort)
    const service = connect({ host: hostname, port, allowHalfOpen: true, noDelay: true })
    const pair = new Pair(client, service, fate)
    pairs.add(pair)
    pair.closed.then(() => pairs.delete(pair))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    get open() {
      return pairs.size
    },
    met,
    calm() {
      isCalm = true
    },
    async close() {
      server.close()
      for (const pair of pairs) pair.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}

const calmFate: Fate = { mischief: 'none', afterMs: 0, directions: [], lagMs: 0 }

function fateOf(seed: number, number: number): Fate {
  const random = randomFrom(Math.imul(seed, 31) + number)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]
  const both: readonly (readonly Direction[])[] = [['up'], ['down'], ['up', 'down']]
  return {
    mischief: mischiefOf(seed, number),
    // More often early, in the middle of a handshake, than late.
    afterMs: random() ** 2 * longestLife,
    directions: pick(both) ?? [],
    lagMs: random() * longestLag,
  }
}

/** As many connections in a row as there are kinds meet one of each, in an order of chance: none is left out. */
function mischiefOf(seed: number, number: number): Mischief {
  const place = (number - 1) % mischiefs.length
  const random = randomFrom(Math.imul(seed, 37) + number - place)
  const order = mischiefs.map((mischief) => ({ mischief, rank: random() }))
  return order.toSorted((one, other) => one.rank - other.rank)[place]?.mischief ?? 'none'
}

/** A connection and its continuation, with the harm that is done to it. */
class Pair {
  readonly closed: Promise<unknown>
  readonly #sockets: readonly Socket[]
  readonly #over = new AbortController()
  readonly #dropped = new Set<Direction>()
  readonly #fate: Fate

  constructor(client: Socket, service: Socket, fate: Fate) {
    this.#sockets = [client, service]
    this.#fate = fate
    this.closed = Promise.all(this.#sockets.map((socket) => this.#watch(socket)))
    void this.#carry('up', { from: client, to: service })
    void this.#carry('down', { from: service, to: client })
    // A connection that works is not kept for ever, or all that work would soon be of that kind.
    const { mischief, afterMs } = fate
    if (fate !== calmFate) void this.#meet(mischief, { client, service, afterMs })
  }

  destroy(): void {
    this.#over.abort()
    for (const socket of this.#sockets) socket.destroy()
  }

  #watch(socket: Socket): Promise<void> {
    socket.on('error', () => this.destroy())
    return new Promise((resolve) => {
      socket.on('close', () => {
        this.destroy()
        resolve()
      })
    })
  }

  async #carry(direction: Direction, { from, to }: { from: Socket; to: Socket }): Promise<void> {
    try {
      for await (const piece of from.iterator({ destroyOnReturn: false })) {
        if (this.#fate.mischief === 'delay') await this.#pass(this.#fate.lagMs)
        if (this.#dropped.has(direction)) continue
        if (!to.write(piece)) await once(to, 'drain', { signal: this.#over.signal })
      }
      // Who drops what comes cannot tell later that it has ended, and forgets it all.
      if (this.#dropped.has(direction)) this.destroy()
      else to.end()
    } catch {
      // It is over: somebody closed it, or it was cut.
      this.destroy()
    }
  }

  async #meet(
    mischief: Mischief,
    { client, service, afterMs }: { client: Socket; service: Socket; afterMs: number },
  ): Promise<void> {
    try {
      const lives = mischief === 'none' || mischief === 'delay'
      await this.#pass(lives ? 2 * longestLife : afterMs)
    } catch {
      return
    }
    const { directions } = this.#fate
    switch (mischief) {
      case 'reset':
        client.resetAndDestroy()
        service.resetAndDestroy()
        break
      case 'half-close':
        if (directions.includes('up')) service.end()
        else client.end()
        break
      case 'drop':
        for (const direction of directions) this.#dropped.add(direction)
        break
      default:
        this.destroy()
    }
  }

  /** Lets time pass; rejects when the connection ends meanwhile, and leaves no timer then. */
  #pass(ms: number): Promise<void> {
    return wait(ms, undefined, { signal: this.#over.signal })
  }
}
