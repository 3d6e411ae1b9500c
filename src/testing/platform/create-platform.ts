import type { Answer } from '../http/exchange.ts'
import type { Transport } from '../person/person.ts'
import { assemblePlatform } from './assemble.ts'
import { createCore } from './core.ts'
import type { Dispatch } from './dispatch.ts'
import { createFetch } from './fetch.ts'
import { type PlatformOptions, resolveOptions } from './options.ts'
import type { Platform } from './platform.ts'

/**
 * The Lanonasis services in process: auth gateway, MCP Core and the old REST API, as they behave on
 * the wire. Make a client from its `clientOptions`, or from `signedIn()`.
 *
 * @example
 * ```ts
 * import { LanonasisClient } from '@lanonasis/auth-client'
 * import { createPlatform } from '@lanonasis/auth-client/testing'
 *
 * const platform = createPlatform({ limits: false })
 * const client = new LanonasisClient(await platform.signedIn())
 * platform.order({ match: 'POST /oauth/token', times: 1, action: 'lose-answer' })
 * platform.clock.advance(900_000)
 * ```
 */
export function createPlatform(options: PlatformOptions = {}): Platform {
  const core = createCore(resolveOptions(options))
  const { dispatch } = core
  return assemblePlatform(core, {
    fetch: createFetch(dispatch),
    transport: directTransport(dispatch),
  })
}

/** Not over fetch: a browser's `Request` would drop the person's cookies. */
function directTransport(dispatch: Dispatch): Transport {
  return async (request): Promise<Answer> => {
    const outcome = await dispatch({ ...request, address: '127.0.0.1' })
    if (outcome.type === 'answer') return outcome.answer
    throw new Error(`The browser cannot reach ${request.url.origin}.`)
  }
}
