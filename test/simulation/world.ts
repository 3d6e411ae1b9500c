import { AuthClient } from '../../src/client/auth-client.ts'
import type { LoginFlow } from '../../src/login/flow.ts'
import { Secret } from '../../src/secret/secret.ts'
import { type StoredTokens, tokenKind } from '../../src/store/account.ts'
import { createPlatform, type Platform } from '../../src/testing.ts'
import type { Operation } from './facts.ts'
import { Network, tokenRoutes } from './network.ts'
import { Process } from './process.ts'
import type { Schedule } from './schedule.ts'
import { SharedLock } from './shared-lock.ts'
import { SharedStore } from './shared-store.ts'
import { Watch } from './watch.ts'

/** What is fixed for a run. */
export interface Surroundings {
  /** What the server does to a family when an old refresh token of it is sent again. */
  readonly rotation: 'keep-family' | 'kill-family'
  /** Which family of tokens, and so which endpoint (★16). */
  readonly family: 'opaque' | 'jwt'
  /** Whether the server has its rate limits (★15). */
  readonly limits: boolean
  /** Whether the store tells of changes. */
  readonly watched: boolean
}

/** How often a kind of call may send a token request: a request to a resource is answered twice at most. */
const allowances: Readonly<Record<Operation['kind'], number>> = {
  token: 1,
  refresh: 1,
  request: 2,
  'sign-in': 0,
  'sign-out': 0,
}

const scope = 'memories:read memories:write'

/** Several processes, what they share, and the services they speak to. */
export class World {
  readonly schedule: Schedule
  readonly platform: Platform
  readonly store: SharedStore
  readonly network: Network
  readonly watch: Watch
  readonly processes: Process[] = []
  readonly #lock: SharedLock
  readonly #family: Surroundings['family']

  private constructor(schedule: Schedule, { rotation, family, limits, watched }: Surroundings) {
    const now = () => schedule.now
    this.schedule = schedule
    this.#family = family
    this.platform = createPlatform({ now, rotation, limits })
    this.#lock = new SharedLock(schedule, () => this.store.isReadOnly)
    const killsFamilies = rotation === 'kill-family' && family === 'opaque'
    this.watch = new Watch(schedule, { lock: this.#lock, killsFamilies })
    this.store = new SharedStore(schedule, { watched, observer: this.watch })
    this.network = new Network(schedule, {
      platform: this.platform,
      observer: this.watch,
      pairOf: (token) => this.watch.facts.withRefreshToken(token),
    })
  }

  /** A world in which somebody is signed in. */
  static async create(schedule: Schedule, surroundings: Surroundings): Promise<World> {
    const world = new World(schedule, surroundings)
    const { pair, tokens } = await world.#issue()
    const account = {
      session: { status: 'signed-in', tokens },
      apiKey: { value: 'pk_1.sk_2' },
    } as const
    world.store.fill(account)
    world.watch.started(account, pair)
    return world
  }

  get alive(): Process[] {
    return this.processes.filter(({ state }) => state !== 'dead')
  }

  startProcess(): Process {
    const process = new Process(`P${this.processes.length + 1}`)
    const { platform, schedule } = this
    const client = new AuthClient({
      clientId: 'lanonasis-cli',
      env: {},
      endpoints: platform.endpoints,
      fetch: this.network.for(process),
      store: this.store.for(process),
      lock: this.#lock.for(process),
      now: () => schedule.now,
      login: this.#person(process),
    })
    process.start(client)
    client.on('refresh', () => this.watch.told(process, 'refresh'))
    client.on('degraded', ({ code }) => this.watch.told(process, 'degraded', code))
    client.on('store', ({ operation }) => {
      if (operation === 'write') this.watch.told(process, 'store')
    })
    client.on('request', ({ route }) => {
      if (tokenRoutes.includes(route)) this.watch.told(process, 'request')
    })
    this.processes.push(process)
    return process
  }

  /** `kill -9`: what it had in memory is gone, what it had sent arrives now or never. */
  async kill(process: Process, { arrives }: { readonly arrives: boolean }): Promise<void> {
    this.watch.note(`${process.name} dies`)
    process.state = 'dead'
    this.schedule.forget(process)
    await this.network.abandon(process, { arrives })
  }

  stall(process: Process): void {
    this.watch.note(`${process.name} stops`)
    process.state = 'stalled'
    process.stalledAt = this.schedule.now
  }

  resume(process: Process): void {
    this.watch.note(`${process.name} goes on`)
    process.state = 'running'
  }

  /** Asks a client for something. What comes of it is watched. */
  async call(process: Process, kind: Operation['kind'], minValidityMs = 0): Promise<Operation> {
    const { schedule, watch } = this
    const { facts } = watch
    const operation: Operation = {
      number: facts.operations.length,
      kind,
      process,
      minValidityMs,
      startedAt: schedule.now,
      startedStep: schedule.taken,
      seenRevision: process.seenRevision,
      joined: process.renewals > 0,
      settled: false,
      error: undefined,
    }
    this.#allow(process, kind)
    facts.operations.push(operation)
    watch.note(`call ${operation.number}: ${process.name} is asked for ${kind}`)
    await schedule.run(process, () => {
      this.#begin(operation).then(
        (token) => {
          operation.settled = true
          if (typeof token === 'string') watch.served(operation, token)
        },
        (error) => {
          operation.settled = true
          operation.error = error
          watch.failed(operation, error)
        },
      )
    })
    return operation
  }

  /** Lets everything come to its end that takes no time. */
  async finishLocalSteps(): Promise<void> {
    while (await this.schedule.take(0, 'local'));
  }

  /** Lets time pass. What was sent long ago arrives on the way. */
  async pass(ms: number): Promise<void> {
    const { schedule, network } = this
    const until = schedule.now + ms
    for (;;) {
      const late = network.overdue(until)
      if (late === undefined) break
      schedule.pass(late.arrivesBy)
      await schedule.run(undefined, late.arrive)
    }
    schedule.pass(until)
  }

  /** Takes the next step, or waits for the next timer where nothing can happen. @returns whether anything was left */
  async step(choice = 0): Promise<boolean> {
    if (await this.schedule.take(choice)) return true
    const next = this.schedule.nextTimer()
    if (next === undefined) return false
    await this.pass(next - this.schedule.now)
    return true
  }

  #begin({ kind, process, minValidityMs }: Operation): Promise<unknown> {
    const { client } = process
    switch (kind) {
      case 'token':
        return client.getAccessToken({ minValidityMs })
      case 'refresh':
        return client.refresh()
      case 'request':
        return client.fetch(`${this.platform.endpoints.mcpHttp}/auth/api-keys`)
      case 'sign-in':
        return client.login()
      case 'sign-out':
        return client.logout()
    }
  }

  #allow(process: Process, kind: Operation['kind']): void {
    const { requests } = process
    const isIdle = this.watch.facts.openOperations(process).length === 0 && process.renewals === 0
    if (isIdle) Object.assign(requests, { allowed: 0, sent: 0 })
    requests.allowed += allowances[kind]
  }

  /** A person who signs in as soon as it is their turn. */
  #person(process: Process): LoginFlow {
    return {
      name: 'person',
      canRun: () => ({ ok: true }),
      run: async () => {
        await this.schedule.instant(process, () => {})
        const { tokens } = await this.#issue()
        const { accessToken, refreshToken, ...rest } = tokens
        return {
          ...rest,
          accessToken: new Secret(accessToken),
          refreshToken: new Secret(refreshToken),
        }
      },
    }
  }

  async #issue() {
    const issued = await this.platform.issueTokens({ family: this.#family })
    const tokens = {
      ...issued,
      kind: tokenKind(issued.accessToken),
      scope,
      obtainedAt: this.schedule.now,
    } satisfies StoredTokens
    return { pair: this.watch.issued(issued), tokens }
  }
}
