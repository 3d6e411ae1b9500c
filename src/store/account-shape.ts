import { isFields, textOf } from '../json/fields.ts'
import type { StoredAccount } from './account.ts'

const isText = (value: unknown) => textOf(value) !== undefined
const isOptional = (value: unknown, type: string) => value === undefined || typeof value === type

/**
 * Whether parsed JSON is an account as stores that keep it whole have written it. Fields that a newer
 * version may have added are no fault.
 */
export function isStoredAccount(value: unknown): value is StoredAccount {
  if (!isFields(value)) return false
  const { apiKey, legacyToken, intent, coolDown } = value
  return (
    isSession(value.session) &&
    (apiKey === undefined || (isFields(apiKey) && isText(apiKey.value))) &&
    isOptional(legacyToken, 'string') &&
    (intent === undefined || (isFields(intent) && isText(intent.refreshTokenHash))) &&
    (coolDown === undefined || (isFields(coolDown) && typeof coolDown.until === 'number'))
  )
}

function isSession(session: unknown): boolean {
  if (!isFields(session)) return false
  if (session.status !== 'signed-in') {
    return session.status === 'signed-out' || session.status === 'expired'
  }
  const { tokens } = session
  return (
    isFields(tokens) &&
    isText(tokens.accessToken) &&
    isText(tokens.tokenType) &&
    isOptional(tokens.refreshToken, 'string') &&
    isOptional(tokens.expiresAt, 'number') &&
    isOptional(tokens.obtainedAt, 'number') &&
    (tokens.kind === 'opaque' || tokens.kind === 'jwt')
  )
}
