import { assertApiKey } from '../api-keys/inspect.ts'
import { raceSignal } from '../async/abort.ts'
import type { ServiceName } from '../endpoints/presets.ts'
import { settings as endpointSettings } from '../endpoints/presets.ts'
import { httpOrigin } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Credential } from '../http/credentialed-fetch.ts'
import type { PolicyDecision } from '../http/policy.ts'
import type { HeldApiKey } from '../session/account.ts'
import type { SessionKeeper } from '../session/session-keeper.ts'
import type { Settings } from './settings.ts'

/**
 * The one credential for a request, as the policy decided; renews the session where that is needed.
 *
 * @throws AuthError `login_required`, `session_expired`, `origin_not_allowed`, `api_key_malformed`, …
 */
export async function chooseCredential(
  { settings, keeper }: { settings: Settings; keeper: SessionKeeper },
  decision: PolicyDecision,
  { url, signal }: { url: URL; signal?: AbortSignal | undefined },
): Promise<Credential> {
  const { use, service } = decision
  // The application's own word goes where the application says, and needs no store.
  if (settings.apiKey !== undefined && use === 'key-first') {
    return { type: 'api-key', secret: settings.apiKey }
  }
  const known = await raceSignal(keeper.account(), signal)
  const nothing =
    settings.apiKey === undefined &&
    known.apiKey === undefined &&
    known.legacyToken === undefined &&
    known.session.status !== 'signed-in'
  // Another process may have signed in since.
  const account = nothing ? await raceSignal(keeper.reload(), signal) : known
  const key: HeldApiKey | undefined =
    settings.apiKey === undefined ? account.apiKey : { secret: settings.apiKey }
  const signedIn = account.session.status === 'signed-in'
  if (key !== undefined && (use === 'key-first' || (use === 'bearer-first' && !signedIn))) {
    assertApiKey(key.secret.reveal(), 'The stored API key')
    // The application's own word goes where the application says.
    if (settings.apiKey === undefined)
      assertOrigin(settings, decision, { url, origins: key.origins })
    return { type: 'api-key', secret: key.secret }
  }
  const { legacyToken, session } = account
  if (legacyToken !== undefined && session.status === 'signed-out' && takesLegacy.has(service)) {
    assertOrigin(settings, decision, { url, origins: account.legacyOrigins })
    return { type: 'bearer', secret: legacyToken }
  }
  const tokens = await keeper.tokens({ signal })
  assertOrigin(settings, decision, { url, origins: tokens.origins })
  return { type: 'bearer', secret: tokens.accessToken }
}

/** Where a token of the time before OAuth is worth something; the gateway takes it at `/legacy/*` only. */
const takesLegacy = new Set(['mcpHttp', 'mcpWs', 'mcpSse', 'restApi'])

/** ★1 An address from a file gets a stored credential only if that is known to have been obtained for it. */
function assertOrigin(
  { endpoints }: Settings,
  { service }: PolicyDecision,
  { url, origins }: { url: URL; origins: readonly string[] | undefined },
): void {
  const name = service as ServiceName
  if (endpoints?.sources[name] !== 'config' || origins?.includes(httpOrigin(url))) return
  const { field, variable } = endpointSettings[name]
  throw new AuthError(
    'origin_not_allowed',
    `services.${field} in the config file names ${url.origin}, which the stored credential was not obtained for.`,
    { hint: `If you trust that address, set ${variable} to it, or sign in again.` },
  )
}
