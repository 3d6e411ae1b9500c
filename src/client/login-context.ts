import { pause } from '../async/pause.ts'
import type { LoginContext } from '../login/flow.ts'
import type { ClientCore } from './core.ts'
import { departureOf } from './departure.ts'
import type { SignInOptions } from './options.ts'

/** How a sign-in ends early: by its signal, or because the person leaves the program for it. */
export interface LoginWay {
  readonly signal: AbortSignal
  readonly leave?: (() => void) | undefined
}

/** What the flows get: the protocol, bound to this client and this sign-in. */
export function loginContext(
  core: ClientCore,
  options: SignInOptions,
  { signal, leave = () => {} }: LoginWay,
): LoginContext {
  const { clientId, server, now } = core.settings
  const scope = options.scope ?? core.settings.scope
  const { onPrompt } = options
  const prompt: LoginContext['prompt'] = (text) => onPrompt?.(text)
  return {
    clientId,
    issuer: server.issuer,
    lanonasis: !server.discover,
    signal,
    now,
    canPrompt: onPrompt !== undefined,
    prompt,
    authorize: async ({ redirectUri }) => {
      const { oauth, context } = await core.oauth(signal)
      const transaction = await oauth.startAuthorization(context, { redirectUri, scope })
      const url = await oauth.preflight(context, transaction)
      return {
        url,
        state: transaction.state,
        takesCodeAlone: !oauth.promisesIssuer(context),
        finish: (callback) => oauth.finishAuthorization(context, transaction, callback),
      }
    },
    device: {
      isOffered: async () => {
        const { oauth, context } = await core.oauth(signal)
        return oauth.offersDevice(context)
      },
      start: async ({ timeoutMs } = {}) => {
        const { oauth, context } = await core.oauth(signal)
        const transaction = await oauth.startDevice(context, { scope, timeoutMs })
        const { userCode, url, urlComplete, expiresAt } = transaction
        return {
          userCode,
          url,
          urlComplete,
          expiresAt,
          finish: () =>
            oauth.pollDevice(context, transaction, {
              wait: (ms) => pause(ms, signal),
              onWaiting: (waitingFor) => prompt({ type: 'waiting', for: waitingFor }),
            }),
        }
      },
    },
    departure: departureOf(core, { scope, signal, leave, afterwards: options.afterwards }),
  }
}
