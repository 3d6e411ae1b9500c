import { mayGoToGateway } from '../../client/gateway-access.ts'
import { isAuthError } from '../../errors/auth-error.ts'
import type { Introspection } from '../../oauth/introspection.ts'
import type { Account, Tokens } from '../../session/account.ts'
import { type Check, failure, ok, type Result, skipped, unlessAborted, warning } from '../check.ts'
import type { CheckContext } from '../context.ts'
import { atGateway } from '../gateway.ts'

/** From here on, the two have not the same end in mind, ms. */
const noticedMs = 60_000

/** The session that is held: never renewed, never ended by this look at it. */
export const sessionCheck: Check = {
  id: 'session',
  title: 'The session that is held',
  async run(context) {
    const account = await context.account().catch(unlessAborted)
    if (account === undefined) return [skipped('What is stored could not be read.')]
    const { degraded } = context.core.session
    const trouble = degraded === undefined ? [] : [troubled(degraded.code)]
    return [...(await look(context, account)), ...trouble]
  },
}

async function look(context: CheckContext, account: Account): Promise<readonly Result[]> {
  const { session } = account
  const legacy = account.legacyToken === undefined ? [] : [ofLegacy()]
  if (session.status === 'signed-out') return [skipped('Nobody is signed in.'), ...legacy]
  const { core, settings } = context
  if (session.status === 'expired' || core.session.status === 'expired') {
    return [
      warning('The session has ended.', { hint: 'Sign in again; an API key goes on working.' }),
      ...legacy,
    ]
  }
  const { tokens } = session
  const until = tokens.expiresAt
  const kind = tokens.kind === 'opaque' ? 'opaque tokens' : 'tokens that are JWTs'
  const end = until === undefined ? '' : `, good until ${new Date(until).toISOString()}`
  if (!core.keeper.isFresh(tokens)) {
    return [
      skipped(`Somebody is signed in (${kind}${end}); the next use renews the session.`),
      ...legacy,
    ]
  }
  if (!mayGoToGateway(settings, tokens.origins)) {
    return [skipped(`Somebody is signed in (${kind}${end}), at another address (★1).`), ...legacy]
  }
  const said = await atGateway(context, () => introspect(context, tokens, `(${kind}${end})`))
  return [...said, ...legacy]
}

async function introspect(
  { core, settings, signal, transport }: CheckContext,
  tokens: Tokens,
  facts: string,
): Promise<readonly Result[]> {
  const service = 'authGateway'
  const { oauth, context } = await core.oauth(signal)
  let found: Introspection
  try {
    found = await oauth.introspectToken(
      { ...context, transport: transport(service) },
      tokens.accessToken,
    )
  } catch (error) {
    if (!isAuthError(error) || error.code === 'aborted') throw error
    const { message, hint } = error
    return [
      warning(`The gateway could not be asked about the session. ${message}`, { service, hint }),
    ]
  }
  if (!found.active) {
    return [
      failure(`Somebody is signed in ${facts}, and the gateway does not know the session.`, {
        service,
        hint: 'It was ended elsewhere: the next use finds out whether it can be renewed; else sign in again.',
      }),
    ]
  }
  return [
    ok(`Somebody is signed in ${facts}.`, { service }),
    ...differences(found, tokens, settings),
  ]
}

function differences(
  { clientId, expiresAt }: Introspection,
  tokens: Tokens,
  settings: { readonly clientId: string },
): readonly Result[] {
  const service = 'authGateway'
  const isOthers = clientId !== undefined && clientId !== settings.clientId
  const difference = (expiresAt ?? 0) - (tokens.expiresAt ?? expiresAt ?? 0)
  const differs = expiresAt !== undefined && Math.abs(difference) > noticedMs
  return [
    ...(isOthers
      ? [
          // ★14
          failure('The session belongs to another OAuth client.', {
            service,
            expected: settings.clientId,
            hint: 'It cannot be renewed by this one: sign in again, and let each program have a session of its own.',
          }),
        ]
      : []),
    ...(differs
      ? [
          warning('The gateway ends this session at another time than is stored here.', {
            service,
            expected: new Date(expiresAt).toISOString(),
            hint: 'Look at the clock of this machine, and of the one that signed in.',
          }),
        ]
      : []),
  ]
}

function ofLegacy(): Result {
  return warning('A token of the time before OAuth is held.', {
    hint: 'Sign in again: services stop taking such tokens with the cut-over.',
  })
}

function troubled(code: string): Result {
  return warning(`The session could not be renewed when it was last tried (${code}).`, {
    hint: 'What is still valid goes on being used; look at what the other checks say of the gateway.',
  })
}
