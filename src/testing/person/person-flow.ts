import type { LoginFlow } from '../../login/flow.ts'
import type { Platform, SignInOptions } from '../platform/platform.ts'

/** How a scripted person signs in, and where the app wants to have them back. */
export interface PersonFlowOptions extends SignInOptions {
  /** Default: that of a command line, `http://127.0.0.1:8989/callback`. It is not fetched. */
  readonly redirectUri?: string
}

/**
 * A sign-in without a browser: a scripted person walks through the gateway's own pages. As the `login` of a
 * client whose `client.login()` is tested.
 *
 * @example
 * ```ts
 * import { LanonasisClient } from '@lanonasis/auth-client'
 * import { createPlatform, personFlow } from '@lanonasis/auth-client/testing'
 *
 * const platform = createPlatform()
 * const client = new LanonasisClient({ ...platform.clientOptions, login: personFlow(platform) })
 * await client.login()
 *
 * const refusal = personFlow(platform, { decline: true }) // login() fails with access_denied
 * ```
 */
export function personFlow(
  platform: Pick<Platform, 'signIn'>,
  options: PersonFlowOptions = {},
): LoginFlow {
  const { redirectUri = 'http://127.0.0.1:8989/callback', ...person } = options
  return {
    name: 'person',
    canRun: () => ({ ok: true }),
    async run({ authorize }) {
      const request = await authorize({ redirectUri })
      return request.finish(new URL(await platform.signIn(request.url, person)))
    },
  }
}
