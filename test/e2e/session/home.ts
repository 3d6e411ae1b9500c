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

/** A person's machine: a config file, programs that share it, and the services behind a gate. */
export interface Home {
  readonly platform: ServedPlatform
  readonly gate: Gate
  readonly path: string
  /** What the file holds at first. */
  readonly tokens: IssuedTokens
  readonly apiKey: string
  start(options?: Partial<NewAgent>): Promise<Agent>
  startMany(count: number, options?: Partial<NewAgent>): Promise<Agent[]>
  /** The `auth` block of the file, or the same of another place. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into the file as a reader does, without a schema
  auth(): Promise<any>
  /** Requests that reached the token endpoint, and how many of them brought a pair. */
  tokenRequests(): { readonly sent: number; readonly succeeded: number }
  /** A person opens the address, signs in, and is sent back to the program. */
  visit(url: string): Promise<void>
  /** Whether the server knows the access token as alive. */
  isActive(accessToken: unknown): Promise<boolean>
}

export interface HomeOptions extends ServePlatformOptions {
  readonly directory?: string
  /** How long the access token in the file is valid for still; default: it has ended a minute ago. */
  readonly validForMs?: number
  /** How long it was valid for at first; default 15 minutes. */
  readonly lifeMs?: number
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
  const { validForMs = -60_000, lifeMs = 900_000, withApiKey = true, signedIn = true } = options
  const { directory: given, elsewhere, ...served } = options
  const platform = await servePlatform({ limits: false, ...served })
  onTestFinished(() => platform.close())
  const gate = await gateBefore(platform.endpoints.authGateway)
  const directory = given ?? (await temporaryDirectory())
  const path = join(directory, '.maas.config')
  const tokens = await platform.issueTokens()
  const { key: apiKey } = await platform.createApiKey()
  if (validForMs <= 0) platform.expireAccessTokens()
  const expiresAt = Date.now() + validForMs
  const auth = {
    tokens: signedIn
      ? {
          access_token: tokens.accessToken,
          refresh_token: tokens.refreshToken,
          token_type: 'Bearer',
          obtained_at: new Date(expiresAt - lifeMs).toISOString(),
          expires_at: new Date(expiresAt).toISOString(),
          scope: tokens.scope,
        }
      : undefined,
    api_key: withApiKey ? apiKey : undefined,
    client_id: 'lanonasis-cli',
  }
  const services = { auth_gateway: gate.origin }
  if (elsewhere === undefined) {
    await writeFile(path, JSON.stringify({ auth, services }), { mode: 0o600 })
  } else {
    await writeFile(path, JSON.stringify({ services }), { mode: 0o600 })
    await elsewhere.put(directory, { ...auth, issuer: gate.origin })
  }

  const env = { ...platform.env, AUTH_GATEWAY_URL: gate.origin }
  const start = (more: Partial<NewAgent> = {}) =>
    startAgent({ path, env, ...elsewhere?.agent(directory), ...more })
  return {
    platform,
    gate,
    path,
    tokens,
    apiKey,
    start,
    startMany: (count, more) => Promise.all(Array.from({ length: count }, () => start(more))),
    auth: async () => elsewhere?.read(directory) ?? (await readJson(path)).auth,
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
