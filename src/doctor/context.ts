import { raceSignal, startDeadline } from '../async/abort.ts'
import { once } from '../async/once.ts'
import type { ClientCore } from '../client/core.ts'
import type { ServerAccess } from '../client/server-access.ts'
import type { Settings } from '../client/settings.ts'
import type { ServiceName } from '../endpoints/presets.ts'
import type { ResolvedEndpoints } from '../endpoints/resolve.ts'
import { joinUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { TransportOptions } from '../http/transport.ts'
import type { Account } from '../session/account.ts'
import { type Answer, ask, type Question } from './ask.ts'
import type { Diagnostics } from './platform.ts'
import type { DoctorOptions } from './report.ts'

/** The services that answer requests; sockets are another matter. */
export type HttpService = Exclude<ServiceName, 'mcpWs'>

export const httpServices = ['authGateway', 'mcpHttp', 'mcpSse', 'restApi'] as const

/** What the checks work with. Whatever several of them need is asked for once. */
export interface CheckContext {
  readonly core: ClientCore
  readonly access: ServerAccess
  readonly settings: Settings
  readonly endpoints: ResolvedEndpoints
  readonly diagnostics: Diagnostics
  readonly origin: string | undefined
  readonly clientIds: readonly string[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly transport: (service: ServiceName) => TransportOptions
  /** Sends a request; it carries no credential unless the check puts one in. */
  readonly ask: (question: Question) => Promise<Answer>
  /** What a service says to somebody without a credential. */
  readonly first: (service: HttpService) => Promise<Answer>
  /** What is stored. @throws AuthError `store_unavailable`, `store_corrupt`, `timeout`, `aborted` */
  readonly account: () => Promise<Account>
  /** Waits for something that has no time limit of its own. @throws AuthError `timeout`, `aborted` */
  readonly within: <T>(what: string, work: Promise<T>) => Promise<T>
}

export function checkContext(
  core: ClientCore,
  {
    access,
    endpoints,
    diagnostics,
    options,
    signal,
  }: {
    readonly access: ServerAccess
    readonly endpoints: ResolvedEndpoints
    readonly diagnostics: Diagnostics
    readonly options: DoctorOptions
    readonly signal: AbortSignal
  },
): CheckContext {
  const { settings } = core
  const { timeoutMs = settings.timeoutMs } = options
  const transport = (service: ServiceName): TransportOptions => ({
    ...access.transport(signal, (event) => core.events.emit('request', { ...event, service })),
    timeoutMs,
  })
  const send = (question: Question) =>
    ask(question, { transport: transport(question.service), now: settings.now })
  const within = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const deadline = startDeadline(timeoutMs, signal)
    try {
      return await raceSignal(work, deadline.signal)
    } catch (error) {
      if (!deadline.timedOut()) throw error
      throw new AuthError('timeout', `${what} did not answer within ${timeoutMs} ms.`)
    } finally {
      deadline.dispose()
    }
  }
  const firstOf = (service: HttpService) => once(() => askFirst(service, { endpoints, send }))
  const firsts: Readonly<Record<HttpService, () => Promise<Answer>>> = {
    authGateway: firstOf('authGateway'),
    mcpHttp: firstOf('mcpHttp'),
    mcpSse: firstOf('mcpSse'),
    restApi: firstOf('restApi'),
  }
  return {
    core,
    access,
    settings,
    endpoints,
    diagnostics,
    origin: options.origin,
    clientIds: options.clientIds ?? [settings.clientId],
    timeoutMs,
    signal,
    transport,
    ask: send,
    first: (service) => firsts[service](),
    account: once(async () => {
      await within('The place where credentials are kept', core.load())
      return core.keeper.account()
    }),
    within,
  }
}

/** A route of each service that everybody may call, and what it is for with a credential. */
async function askFirst(
  service: HttpService,
  {
    endpoints,
    send,
  }: {
    readonly endpoints: ResolvedEndpoints
    readonly send: (question: Question) => Promise<Answer>
  },
): Promise<Answer> {
  const base = endpoints.urls[service]
  switch (service) {
    case 'authGateway':
      return send({ service, url: joinUrl(base, '.well-known/oauth-authorization-server') })
    case 'mcpSse':
      return send({ service, url: new URL(base), headers: { accept: 'text/event-stream' } })
    case 'mcpHttp':
    case 'restApi': {
      const answer = await send({ service, url: joinUrl(base, 'memory?limit=1') })
      if (answer.type === 'unanswered' || answer.status !== 404) return answer
      // Newer deployments know the other name only (CONTRACT §5).
      return send({ service, url: joinUrl(base, 'memories?limit=1') })
    }
  }
}
