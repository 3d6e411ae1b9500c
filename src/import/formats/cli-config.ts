import { type Fields, fieldsOf, textOf } from '../../json/fields.ts'
import type { Content, Item } from '../content.ts'
import { readTime } from '../times.ts'
import { FieldsReader } from './fields-reader.ts'
import { hasLeftovers } from './leftovers.ts'

/** What `vendorKey` says when the key itself is in the key storage. */
const marker = 'stored_in_api_key_storage'

/** What is read, or says nothing that anybody would miss. */
const known = [
  'token',
  'refresh_token',
  'vendorKey',
  'client_id',
  'scope',
  'authMethod',
  'deviceId',
]

/** The client id that the old CLI has in its code. */
export const cliClientId = 'lanonasis-cli'

/**
 * The flat file of the old CLI, `~/.maas/config.json`. Its `version` is always "1.0.0", and its
 * `authMethod` is `jwt` for most tokens of PKCE sign-ins (★29): neither is looked at.
 */
export function readCliConfig(fields: Fields): Content {
  const reader = new FieldsReader(fields)
  const accessToken = reader.text('token')
  const refreshToken = reader.text('refresh_token')
  const vendorKey = reader.text('vendorKey')
  const discovered = fieldsOf(fields.discoveredServices)
  // Older versions kept the addresses themselves here, newer ones only that there are any.
  const manual = fieldsOf(fields.manualEndpointOverrides)
  const items: Item[] = []
  if (accessToken !== undefined || refreshToken !== undefined) {
    items.push({
      type: 'tokens',
      accessToken,
      refreshToken,
      scope: textOf(fields.scope),
      // Written when a token is stored and when it is tried: the token is at least as old.
      obtainedAt: readTime(fields.lastValidated),
      expiresAt: readTime(fields.token_expires_at) ?? readTime(fields.tokenExpiry),
    })
  }
  if (vendorKey !== undefined && vendorKey !== marker) {
    items.push({ type: 'api-key', text: vendorKey })
  }
  const issuer = textOf(manual.auth_base) ?? textOf(discovered.auth_base)
  const services = texts({ apiUrl: fields.apiUrl, ...discovered, ...manual })
  return {
    format: 'cli-config',
    items,
    problems: reader.problems,
    clientId: textOf(fields.client_id) ?? cliClientId,
    issuer,
    services,
    addresses: { ...services, ...(issuer === undefined ? {} : { auth_base: issuer }) },
    // Its REST API has another base than the client's, so it has no counterpart.
    endpoints: {
      authGateway: issuer,
      mcpHttp: services.mcp_base,
      mcpWs: services.mcp_ws_base,
      mcpSse: services.mcp_sse_base,
    },
    keyElsewhere: vendorKey === marker,
    leftovers: hasLeftovers(fields, known),
  }
}

/** Those that are addresses; `auth_base` is the issuer, `project_scope` no address. */
function texts(fields: Fields): Readonly<Record<string, string>> {
  const isAddress = ([name, value]: [string, unknown]) =>
    (name === 'apiUrl' || name.endsWith('_base')) &&
    name !== 'auth_base' &&
    textOf(value) !== undefined
  return Object.fromEntries(
    Object.entries(fields)
      .filter(isAddress)
      .map(([name, value]) => [name, String(value)]),
  )
}
