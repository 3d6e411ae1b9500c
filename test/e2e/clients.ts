import { onTestFinished } from 'vitest'
import type { LanonasisClient } from '../../src/index.ts'
import {
  createClient,
  fileStore,
  type LoopbackFlowOptions,
  loopbackFlow,
  type NodeClientOptions,
} from '../../src/node.ts'
import type { SignInOptions } from '../../src/testing.ts'
import {
  type ServedPlatform,
  type ServePlatformOptions,
  servePlatform,
} from '../../src/testing-node.ts'

const epoch = Date.UTC(2026, 5, 1)

/** The services on real sockets, until the end of the test. Their clock stands still until it is advanced. */
export async function served(options: ServePlatformOptions = {}): Promise<ServedPlatform> {
  const platform = await servePlatform({ now: () => epoch, ...options })
  onTestFinished(() => platform.close())
  return platform
}

/** A person in a browser: signs in, agrees, and is sent back to the program. Gives the last page. */
export async function visit(
  platform: ServedPlatform,
  url: string,
  options?: SignInOptions,
): Promise<Response> {
  return fetch(await platform.signIn(url, options))
}

/** The sign-in with the browser of this machine, on any free port. */
export function browserFlow(
  platform: ServedPlatform,
  { person, ...options }: LoopbackFlowOptions & { person?: SignInOptions } = {},
) {
  return loopbackFlow({
    ports: [0],
    openUrl: async (url) => {
      await visit(platform, url, person)
    },
    ...options,
  })
}

/** The client of a command line, with its credentials in a file. */
export function clientOn(
  platform: ServedPlatform,
  { path, ...options }: NodeClientOptions & { path: string },
): LanonasisClient {
  const client = createClient({
    env: platform.env,
    now: platform.clock.now,
    store: fileStore({ path }),
    login: browserFlow(platform),
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}
