import type { Fetch } from '../../src/http/transport.ts'
import type { FaultAction, Platform } from '../../src/testing.ts'
import type { Pair, Sending, SendingEnd } from './facts.ts'
import type { Process } from './process.ts'
import type { Schedule } from './schedule.ts'

/** What goes wrong with one token request. */
export type Fault = keyof typeof effects

type Effect =
  /** What the server answers without acting. */
  | { readonly answer: FaultAction }
  /** Whether the server acts, and with which error the connection ends; without one it stays open. */
  | { readonly acts: boolean; readonly connection: 'ECONNREFUSED' | 'UND_ERR_SOCKET' | undefined }
  /** The server acts, and half of its answer arrives. */
  | 'cut'

const effects = {
  refuse: { acts: false, connection: 'ECONNREFUSED' },
  drop: { acts: false, connection: 'UND_ERR_SOCKET' },
  hang: { acts: false, connection: undefined },
  'lose-answer': { acts: true, connection: 'UND_ERR_SOCKET' },
  'never-answer': { acts: true, connection: undefined },
  'cut-answer': 'cut',
  429: { answer: { status: 429, body: { error: 'Too many token requests.' } } },
  '429 with Retry-After': { answer: { status: 429, headers: { 'retry-after': '30' } } },
  500: { answer: { status: 500, body: { error: 'Internal', code: 'INTERNAL_ERROR' } } },
  '503 with Retry-After': { answer: { status: 503, headers: { 'retry-after': '20' } } },
  html: { answer: 'html' },
  'edge-401': { answer: 'edge-401' },
  nonsense: { answer: { status: 200, body: { hello: 'world' } } },
} as const satisfies Record<string, Effect>

export const faults = Object.keys(effects) as Fault[]

/** What happens to token requests, for whoever watches over the run. */
export interface NetworkObserver {
  readonly sending: (pair: Pair, process: Process) => Sending
  readonly rotated: (sending: Sending, tokens: IssuedPair) => void
  readonly refused: (sending: Sending) => void
  readonly ended: (sending: Sending) => void
  readonly revoked: (token: string) => void
  readonly bearer: (token: string, process: Process) => void
}

interface IssuedPair {
  readonly accessToken: string
  readonly refreshToken: string
  readonly lifeMs: number
}

/** A request on its way to the server. */
interface Flight {
  readonly process: Process
  /** Epoch ms. */
  readonly arrivesBy: number
  readonly sending: Sending | undefined
  readonly arrive: () => void
  readonly leave: () => void
}

/**
 * What is sent has arrived after this time, or never will. It is below the stale age of the lock and
 * below the cool-down: no client could tell a sending that is over from one that is still under way.
 */
const travelLimitMs = 20_000

export const tokenRoutes = ['/oauth/token', '/v1/auth/refresh']
const revocationRoutes = ['/oauth/revoke', '/v1/auth/logout']
const refusals = ['invalid_grant', 'INVALID_REFRESH_TOKEN']

/** The way between the processes and the platform. */
export class Network {
  readonly #schedule: Schedule
  readonly #platform: Platform
  readonly #observer: NetworkObserver
  readonly #pairOf: (refreshToken: string) => Pair | undefined
  readonly #faults: Fault[] = []
  #flights: Flight[] = []
  #edgeRefusals = 0

  constructor(
    schedule: Schedule,
    options: {
      readonly platform: Platform
      readonly observer: NetworkObserver
      readonly pairOf: (refreshToken: string) => Pair | undefined
    },
  ) {
    this.#schedule = schedule
    this.#platform = options.platform
    this.#observer = options.observer
    this.#pairOf = options.pairOf
  }

  /** The next token request fails in this way. */
  order(fault: Fault): void {
    this.#faults.push(fault)
  }

  /** The next request to a resource gets the 401 of an edge that cannot ask (★23). */
  refuseAtEdge(): void {
    this.#edgeRefusals += 1
  }

  heal(): void {
    this.#faults.length = 0
    this.#edgeRefusals = 0
  }

  /** `fetch` as one process has it. */
  for(process: Process): Fetch {
    return (input, init = {}) =>
      new Promise((resolve, reject) => {
        const url = new URL(input instanceof Request ? input.url : String(input))
        const sending = this.#sendingOf(url, init, process)
        this.#noteCredential(url, init, process)
        let over = false
        const hear = (settle: () => void, end?: Ending) => {
          if (over) return
          over = true
          if (sending !== undefined && end !== undefined) {
            sending.end = { ...end, at: this.#schedule.now, step: this.#schedule.taken }
            this.#observer.ended(sending)
          }
          settle()
        }
        const { signal } = init
        const giveUp = () => hear(() => reject(signal?.reason), ambiguous)
        signal?.addEventListener('abort', giveUp, { once: true })
        const answer = (settle: () => void, end: Ending) => {
          if (process.state === 'dead' || over) return
          this.#schedule.add('remote', process, () => {
            signal?.removeEventListener('abort', giveUp)
            hear(settle, end)
          })
        }
        this.#depart({ url, init, process, sending }, { resolve, reject, answer })
      })
  }

  /** What arrives before this moment if it arrives at all. */
  overdue(until: number): Flight | undefined {
    return this.#flights.find(({ arrivesBy }) => arrivesBy <= until)
  }

  /** Who died has sent this, or has not: it does not come later, when somebody else has taken over. */
  async abandon(process: Process, { arrives }: { readonly arrives: boolean }): Promise<void> {
    for (const flight of this.#flights.filter((one) => one.process === process)) {
      flight.leave()
      if (arrives) await this.#schedule.run(undefined, flight.arrive)
      else this.#landed(flight)
    }
  }

  #depart({ url, init, process, sending }: Departure, { resolve, reject, answer }: Ways): void {
    const arrive = async () => {
      this.#landed(flight)
      flight.leave()
      const effect = this.#effectOn(url)
      if (effect !== undefined && effect !== 'cut' && 'acts' in effect && !effect.acts) {
        if (effect.connection !== undefined) breakOff(effect.connection)
        return
      }
      const { status, headers, text } = await this.#serve(url, init, effect)
      this.#note(sending, { url, init, status, text })
      if (effect === 'cut') {
        answer(() => resolve(new Response(brokenOff(text), { status, headers })), ambiguous)
      } else if (effect !== undefined && 'acts' in effect) {
        if (effect.connection !== undefined) breakOff(effect.connection)
      } else {
        const end = endOf({ status, headers, text })
        answer(() => resolve(new Response(text, { status, headers })), end)
      }
    }
    const breakOff = (code: 'ECONNREFUSED' | 'UND_ERR_SOCKET') => {
      const cause = Object.assign(new Error(code), { code })
      answer(
        () => reject(new TypeError('fetch failed', { cause })),
        code === 'ECONNREFUSED' ? { kind: 'unavailable', coolDownMs: 0 } : ambiguous,
      )
    }
    const leave = this.#schedule.add('remote', undefined, arrive)
    const arrivesBy = this.#schedule.now + travelLimitMs
    const flight: Flight = { process, arrivesBy, sending, arrive, leave }
    this.#flights.push(flight)
  }

  #landed(flight: Flight): void {
    this.#flights = this.#flights.filter((other) => other !== flight)
    if (flight.sending !== undefined) flight.sending.travelling = false
  }

  #effectOn(url: URL): Effect | undefined {
    if (tokenRoutes.includes(url.pathname)) {
      const fault = this.#faults.shift()
      return fault && effects[fault]
    }
    if (!url.pathname.endsWith('/api-keys') || this.#edgeRefusals === 0) return undefined
    this.#edgeRefusals -= 1
    return effects['edge-401']
  }

  async #serve(url: URL, init: RequestInit, effect: Effect | undefined): Promise<Answer> {
    if (effect !== undefined && effect !== 'cut' && 'answer' in effect) {
      this.#platform.order({ match: '*', times: 1, action: effect.answer })
    }
    const response = await this.#platform.fetch(url, { ...init, signal: null })
    const { status, headers } = response
    return { status, headers, text: await response.text() }
  }

  #sendingOf(url: URL, init: RequestInit, process: Process): Sending | undefined {
    if (!tokenRoutes.includes(url.pathname)) return undefined
    const pair = this.#pairOf(String(fieldsOf(init.body).refresh_token))
    if (pair === undefined) throw new Error('A refresh token was sent that nobody has issued.')
    return this.#observer.sending(pair, process)
  }

  /** A resource sees the access token: whoever asked for the request was served it. */
  #noteCredential(url: URL, init: RequestInit, process: Process): void {
    if (!url.pathname.endsWith('/api-keys')) return
    const token = new Headers(init.headers).get('authorization')?.replace('Bearer ', '')
    if (token !== undefined) this.#observer.bearer(token, process)
  }

  #note(sending: Sending | undefined, { url, init, status, text }: Noted): void {
    if (sending !== undefined) {
      const body = fieldsOf(text)
      const { access_token: accessToken, refresh_token: refreshToken, expires_in: life } = body
      if (typeof accessToken === 'string' && typeof refreshToken === 'string') {
        const lifeMs = Number(life) * 1_000
        this.#observer.rotated(sending, { accessToken, refreshToken, lifeMs })
      } else if (isRefusal(status, text)) {
        this.#observer.refused(sending)
      }
    } else if (revocationRoutes.includes(url.pathname) && status === 200) {
      const bearer = new Headers(init.headers).get('authorization')?.replace('Bearer ', '')
      this.#observer.revoked(bearer ?? String(fieldsOf(init.body).token))
    }
  }
}

interface Departure {
  readonly url: URL
  readonly init: RequestInit
  readonly process: Process
  readonly sending: Sending | undefined
}

interface Ways {
  readonly resolve: (response: Response) => void
  readonly reject: (error: unknown) => void
  readonly answer: (settle: () => void, end: Ending) => void
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

interface Noted {
  readonly url: URL
  readonly init: RequestInit
  readonly status: number
  readonly text: string
}

type Ending = Omit<SendingEnd, 'at' | 'step'>

const ambiguous = { kind: 'ambiguous', coolDownMs: 60_000 } as const

/** What an answer says to whoever reads it, after the table of DESIGN §5. */
function endOf({ status, headers, text }: Answer): Ending {
  if (status === 200) {
    return fieldsOf(text).access_token === undefined
      ? ambiguous
      : { kind: 'renewed', coolDownMs: 0 }
  }
  if (isRefusal(status, text)) return { kind: 'refused', coolDownMs: 0 }
  const told = headers.get('retry-after')
  const coolDownMs = told !== null ? Number(told) * 1_000 : status === 429 ? 60_000 : 0
  return { kind: 'unavailable', coolDownMs }
}

function isRefusal(status: number, text: string): boolean {
  const { error, code } = fieldsOf(text)
  return (status === 400 || status === 401) && refusals.includes(String(code ?? error))
}

function fieldsOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'string') return {}
  try {
    const fields: unknown = JSON.parse(body)
    return typeof fields === 'object' && fields !== null ? { ...fields } : {}
  } catch {
    return {}
  }
}

/** Half of the body, then the connection is lost. */
function brokenOff(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('terminated'))
      else controller.enqueue(bytes.slice(0, bytes.length / 2))
      sent = true
    },
  })
}
