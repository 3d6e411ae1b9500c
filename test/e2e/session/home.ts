import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Fields } from '../../../src/json/fields.ts'
import type { IssuedTokens } from '../../../src/testing.ts'
import {
  type ServedPlatform,
  type ServePlatformOptions,
  servePlatform,
} from '../../../src/testing-node.ts'
import { readJson, temporaryDirectory } from '../../support/directories.ts'
import { type Agent, type NewAgent, startAgent } from './agents.ts'
import { type Gate, gateBefore } from './gate.ts'

/** The services behind a gate, and programs that are signed in to them. */
export interface Services {
  readonly platform: ServedPlatform
  readonly gate: Gate
  /** The variables that lead to the services. */
  readonly env: Readonly<Record<string, string>>
  /** What the programs hold at first. */
  readonly tokens: IssuedTokens
  /** When the access token was obtained, and when it ends. */
  readonly times: { readonly obtainedAt: number; readonly expiresAt: number }
  readonly apiKey: string
  /** Requests that reached the token endpoint, and how many of them brought a pair. */
  tokenRequests(): { readonly sent: number; readonly succeeded: number }
  /** A person opens the address, signs in, and is sent back to the program. */
  visit(url: string): Promise<void>
  /** Whether the server knows the access token as alive. */
  isActive(accessToken: unknown): Promise<boolean>
}

/** How programs share a place for their credentials. */
export interface Programs {
  start(options?: Partial<NewAgent>): Promise<Agent>
  startMany(count: number, options?: Partial<NewAgent>): Promise<Agent[]>
}

/** A person's machine: a config file, programs that share it, and the services behind a gate. */
export interface Home extends Services, Programs {
  readonly path: string
  /** The `auth` block of the file, or the same of another place. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into the file as a reader does, without a schema
  auth(): Promise<any>
}

export interface ServicesOptions extends ServePlatformOptions {
  /** How long the first access token is valid for still; default: it has ended a minute ago. */
  readonly validForMs?: number
  /** How long it was valid for at first; default 15 minutes. */
  readonly lifeMs?: number
}

export interface HomeOptions extends ServicesOptions {
  readonly directory?: string
  /** Whether the file holds an API key as well; default: it does. */
  readonly withApiKey?: boolean
  readonly signedIn?: boolean
  /** Keeps the credentials in another place than the config file. */
  readonly elsewhere?: Elsewhere
}

/** Another place for credentials, that the processes of a home share. */
export interface Elsewhere {
  /** What makes a process use it. */
  readonly agent: (directory: string) => Pick<NewAgent, 'keychain' | 'variables'>
  /** Puts the account of a config file there. */
  readonly put: (directory: string, auth: Fields) => Promise<void>
  /** The account as the config file would have it. */
  readonly read: (directory: string) => Promise<Fields>
}

/** Signed in, with an access token that has ended, unless told otherwise. */
export async function homeWith(options: HomeOptions = {}): Promise<Home> {
  const { directory: given, withApiKey = true, signedIn = true, elsewhere, ...more } = options
  const services = await servicesWith(more)
  const { gate, env, tokens, times, apiKey } = services
  const directory = given ?? (await temporaryDirectory())
  const path = join(directory, '.maas.config')
  const auth = {
    tokens: signedIn
      ? {
          access_token: tokens.accessToken,
          refresh_token: tokens.refreshToken,
          token_type: 'Bearer',
          obtained_at: new Date(times.obtainedAt).toISOString(),
          expires_at: new Date(times.expiresAt).toISOString(),
          scope: tokens.scope,
        }
      : undefined,
    api_key: withApiKey ? apiKey : undefined,
    client_id: 'lanonasis-cli',
  }
  const config = { services: { auth_gateway: gate.origin } }
  const written = elsewhere === undefined ? { auth, ...config } : config
  await writeFile(path, JSON.stringify(written), { mode: 0o600 })
  await elsewhere?.put(directory, { ...auth, issuer: gate.origin })
  return {
    ...services,
    ...programsWith({ path, env, ...elsewhere?.agent(directory) }),
    path,
    auth: async () => elsewhere?.read(directory) ?? (await readJson(path)).auth,
  }
}

export function programsWith(place: Omit<NewAgent, 'onStage' | 'onOpen'>): Programs {
  const start = (more: Partial<NewAgent> = {}) => startAgent({ ...place, ...more })
  return {
    start,
    startMany: (count, more) => Promise.all(Array.from({ length: count }, () => start(more))),
  }
}

/** The services of a person who has signed in. */
export async function servicesWith({
  validForMs = -60_000,
  lifeMs = 900_000,
  ...served
}: ServicesOptions = {}): Promise<Services> {
  const platform = await servePlatform({ limits: false, ...served })
  onTestFinished(() => platform.close())
  const gate = await gateBefore(platform.endpoints.authGateway)
  const tokens = await platform.issueTokens()
  const { key: apiKey } = await platform.createApiKey()
  if (validForMs <= 0) platform.expireAccessTokens()
  const expiresAt = Date.now() + validForMs
  return {
    platform,
    gate,
    env: { ...platform.env, AUTH_GATEWAY_URL: gate.origin },
    tokens,
    times: { obtainedAt: expiresAt - lifeMs, expiresAt },
    apiKey,
    tokenRequests() {
      const requests = platform.requestsTo('POST /oauth/token')
      return {
        sent: requests.length,
        succeeded: requests.filter((one) => one.status === 200).length,
      }
    },
    async visit(url) {
      // The gateway's pages know each other by its own address only.
      await fetch(await platform.signIn(url.replace(gate.origin, platform.endpoints.authGateway)))
    },
    async isActive(accessToken) {
      const response = await fetch(`${platform.endpoints.authGateway}/oauth/introspect`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: accessToken }),
      })
      const { active } = (await response.json()) as { active: boolean }
      return active
    },
  }
}
