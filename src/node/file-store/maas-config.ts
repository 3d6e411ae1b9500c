import { presets, serviceNames, settings } from '../../endpoints/presets.ts'
import { httpOrigin, parseBaseUrl } from '../../endpoints/url.ts'
import { type Fields, fieldsOf, textOf } from '../../json/fields.ts'
import type { StoredAccount } from '../../store/account.ts'
import { nameOf, type StoreKey } from '../../store/store.ts'
import { readSection, sectionIssuer, withoutAccount, writeSection } from './account-section.ts'

/**
 * The roadmap's config file with several accounts in it.
 *
 * The roadmap's own fields hold the account of `services.auth_gateway` (absent: production) and
 * `auth.client_id`; the accounts of all other keys are in `auth.accounts`, so that a staging sign-in
 * never touches the production one (★3).
 */
const defaultClientId = 'lanonasis-cli'

/** Where in the file an account is. */
type Place = 'roadmap' | 'accounts'

export function accountIn(config: Fields, key: StoreKey): StoredAccount | undefined {
  return readSection(sectionIn(config, key), servicesOrigins(config))
}

/** Whether there is an account of anybody in the file. */
export function holdsAccounts(config: Fields): boolean {
  const auth = fieldsOf(config.auth)
  const sections = [auth, ...Object.values(fieldsOf(auth.accounts)).map(fieldsOf)]
  return sections.some((section) => readSection(section, []) !== undefined)
}

/** The part of the file that holds this account, as it stands there. */
export function sectionIn(config: Fields, key: StoreKey): Fields {
  const auth = fieldsOf(config.auth)
  return placeOf(config, key) === 'roadmap' ? auth : fieldsOf(fieldsOf(auth.accounts)[nameOf(key)])
}

export function withAccount(
  config: Fields,
  {
    key,
    account,
    revision,
  }: { key: StoreKey; account: StoredAccount | undefined; revision: string },
): Fields {
  const auth = fieldsOf(config.auth)
  const { issuer, clientId } = key
  const identity = { issuer, clientId, revision }
  if (placeOf(config, key) === 'roadmap') {
    const changed =
      account === undefined ? withoutAccount(auth) : writeSection(auth, account, identity)
    return { ...config, auth: changed }
  }
  const { [nameOf(key)]: section, ...others } = fieldsOf(auth.accounts)
  const accounts =
    account === undefined
      ? others
      : {
          ...others,
          [nameOf(key)]: {
            issuer,
            profile: key.profile,
            resource: key.resource,
            ...writeSection(fieldsOf(section), account, identity),
          },
        }
  return { ...config, auth: { ...auth, accounts } }
}

/**
 * The file without this account, and without the names and dates that are there for accounts only.
 * @returns `undefined` when nothing is left in it
 */
export function withoutOurs(config: Fields, key: StoreKey): Fields | undefined {
  const { auth, last_updated, ...rest } = withAccount(config, {
    key,
    account: undefined,
    revision: '',
  })
  const { accounts, ...section } = fieldsOf(auth)
  const others = Object.keys(fieldsOf(accounts)).length > 0 ? { accounts } : {}
  const { client_id, format, ...own } = section
  const isEmpty = Object.keys({ ...own, ...others }).length === 0
  const left = isEmpty ? rest : { ...rest, auth: { ...section, ...others } }
  return Object.keys(left).length === 0 ? undefined : left
}

/**
 * The migration of roadmap §1.1: a top-level `token` becomes `auth.legacyToken`.
 * @returns the migrated file, or `undefined` when there is nothing to migrate
 */
export function migrateToken(config: Fields): Fields | undefined {
  const { token, ...rest } = config
  const legacyToken = textOf(token)
  const auth = fieldsOf(config.auth)
  if (legacyToken === undefined || textOf(auth.legacyToken) !== undefined) return undefined
  return { ...rest, auth: { ...auth, legacyToken } }
}

function placeOf(config: Fields, key: StoreKey): Place {
  const { issuer, clientId, profile, resource } = key
  const auth = fieldsOf(config.auth)
  const gateway = textOf(fieldsOf(config.services).auth_gateway)
  const owner = sectionIssuer(auth) ?? gateway ?? presets.production.authGateway
  const occupied = readSection(auth, []) !== undefined
  // Who has a place keeps it, although `services` has been changed since.
  if (!occupied && Object.hasOwn(fieldsOf(auth.accounts), nameOf(key))) return 'accounts'
  const client = textOf(auth.client_id) ?? (occupied ? defaultClientId : clientId)
  const fits = profile === 'default' && resource === undefined && client === clientId
  return fits && sameUrl(owner, issuer) ? 'roadmap' : 'accounts'
}

/** What credentials in this file were obtained for, when they do not say so themselves (★1). */
function servicesOrigins(config: Fields): readonly string[] {
  const services = fieldsOf(config.services)
  const origins = serviceNames.flatMap((name) => {
    const url = textOf(services[settings[name].field]) ?? presets.production[name]
    return URL.canParse(url) ? [httpOrigin(url)] : []
  })
  return [...new Set(origins)]
}

function sameUrl(one: string, other: string): boolean {
  try {
    return parseBaseUrl(one, 'issuer') === parseBaseUrl(other, 'issuer')
  } catch {
    return false
  }
}
