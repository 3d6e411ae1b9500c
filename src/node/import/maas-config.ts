import { presets, serviceNames, settings } from '../../endpoints/presets.ts'
import { type Content, type Item, nothing, type Problem } from '../../import/content.ts'
import { cliClientId } from '../../import/formats/cli-config.ts'
import { FieldsReader } from '../../import/formats/fields-reader.ts'
import type { Format } from '../../import/formats/read-text.ts'
import { type Fields, fieldsOf, isFields, textOf } from '../../json/fields.ts'
import type { StoredAccount } from '../../store/account.ts'
import type { StoreKey } from '../../store/store.ts'
import { readSection, sectionIssuer } from '../file-store/account-section.ts'
import { accountIn, migrateToken, sectionIn } from '../file-store/maas-config.ts'

/**
 * The roadmap's config file, where it is not the client's own store: a program that has moved to the
 * keychain finds its session there, and one of another client the API key.
 */
export function maasConfigFormat(key: StoreKey): Format {
  return { fields: ['auth'], read: (fields) => readMaasConfig(fields, key) }
}

/** For the file that has the roadmap's name: before it had an `auth`, it had a `token`; without either, addresses. */
export function maasConfigFileFormat(key: StoreKey): Format {
  return { fields: ['auth', 'token', 'services'], read: (fields) => readMaasConfig(fields, key) }
}

function readMaasConfig(fields: Fields, key: StoreKey): Content {
  const config = migrateToken(fields) ?? fields
  const auth = fieldsOf(config.auth)
  const services = fieldsOf(config.services)
  const own = accountIn(config, key)
  const account = own ?? readSection(auth, [])
  const problems = problemsIn(config)
  const section = own === undefined ? auth : sectionIn(config, key)
  const found = {
    ...nothing,
    format: 'maas-config',
    problems,
    addresses: addressesIn(services),
    endpoints: Object.fromEntries(
      serviceNames.map((name) => [name, services[settings[name].field]]),
    ),
  } as const
  if (account === undefined) return found
  const { auth_gateway: _, ...others } = found.addresses
  return {
    ...found,
    items: itemsOf(account),
    clientId: textOf(section.client_id) ?? cliClientId,
    issuer:
      sectionIssuer(section) ?? textOf(services.auth_gateway) ?? presets.production.authGateway,
    services: others,
    signedOutAt: own?.session.status === 'signed-out' ? own.session.since : undefined,
    imported: own?.imported,
  }
}

function problemsIn({ auth }: Fields): readonly Problem[] {
  if (auth !== undefined && !isFields(auth)) {
    return [{ code: 'damaged', message: 'The field auth is no object.' }]
  }
  const reader = new FieldsReader(fieldsOf(auth))
  reader.text('api_key')
  reader.text('legacyToken')
  const tokens = new FieldsReader(fieldsOf(fieldsOf(auth).tokens))
  tokens.text('access_token')
  tokens.text('refresh_token')
  return [...reader.problems, ...tokens.problems]
}

function itemsOf({ session, apiKey, legacyToken }: StoredAccount): Item[] {
  const items: Item[] = []
  if (session.status === 'signed-in') {
    const { accessToken, refreshToken, tokenType, scope, obtainedAt, expiresAt, refreshExpiresAt } =
      session.tokens
    items.push({
      type: 'tokens',
      accessToken,
      refreshToken,
      tokenType,
      scope,
      obtainedAt,
      expiresAt,
      refreshExpiresAt,
    })
  }
  if (apiKey !== undefined) {
    const { value, id, name } = apiKey
    items.push({ type: 'api-key', text: value, id, name })
  }
  if (legacyToken !== undefined) items.push({ type: 'legacy-token', text: legacyToken })
  return items
}

function addressesIn(services: Fields): Readonly<Record<string, string>> {
  const addresses = Object.entries(services).flatMap(([name, value]) => {
    const address = textOf(value)
    return address === undefined ? [] : [[name, address]]
  })
  return Object.fromEntries(addresses)
}
