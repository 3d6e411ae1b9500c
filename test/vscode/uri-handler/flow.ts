import type {
  AuthorizationRequest,
  LoginContext,
  LoginGrant,
  LoginPrompt,
} from '../../../src/login/flow.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { type UriHandlerFlowOptions, uriHandlerFlow } from '../../../src/vscode.ts'
import { deferred } from '../../support/async.ts'
import { contextOf } from '../../support/login-context.ts'
import type { DesktopWindow } from '../../support/vscode-api.ts'

export const redirectUri = 'vscode://lanonasis.mcp-client/callback'
export const authorizeUrl =
  'https://auth.example.com/web/login?return_to=%2Foauth%2Fauthorize%3Fredirect_uri%3Dvscode%253A%252F%252Fx%26state%3D1%2B2'
export const grant: LoginGrant = {
  accessToken: new Secret('a-token'),
  tokenType: 'Bearer',
  kind: 'opaque',
}

export type Changes = Partial<LoginContext> &
  Partial<Pick<AuthorizationRequest, 'finish' | 'state'>>

/** What the client gives to a flow, with a server that is not there. */
export function contextWith(changes: Changes = {}) {
  const { state = 'a-state', finish = async () => grant, ...context } = changes
  const asked = deferred<string>()
  const callbacks: URL[] = []
  const prompts: LoginPrompt[] = []
  const login = contextOf({
    clientId: 'vscode-extension',
    prompt: (prompt) => prompts.push(prompt),
    authorize: async (request) => {
      asked.resolve(request.redirectUri)
      return {
        url: authorizeUrl,
        state,
        takesCodeAlone: true,
        finish: (callback) => {
          callbacks.push(callback)
          return finish(callback)
        },
      }
    },
    ...context,
  })
  return { login, callbacks, prompts, asked: asked.promise }
}

/** A flow in a window. */
export function flowIn(
  { vscode, context }: DesktopWindow,
  options: Partial<UriHandlerFlowOptions> = {},
) {
  return uriHandlerFlow({ vscode, context, ...options })
}

/** One run of the flow, up to the page being opened. */
export function startIn(
  window: DesktopWindow,
  { options, ...changes }: Changes & { readonly options?: Partial<UriHandlerFlowOptions> } = {},
) {
  const given = contextWith(changes)
  const flow = flowIn(window, options)
  const running = flow.run(given.login)
  running.catch(() => {})
  return { ...given, flow, running }
}

/** What the editor's secrets hold for sign-ins under way. */
export function marksIn({ storage }: DesktopWindow): readonly string[] {
  return [...storage.secrets].flat().filter((text) => !text.startsWith('lanonasis.signIn:'))
}
