import { type Fields, isFields, parseFields, textOf } from '../json/fields.ts'
import type { StoredAccount } from './account.ts'

/** An account as one text, for places that keep texts. */
export function writeAccount(account: StoredAccount): string {
  return JSON.stringify(account)
}

/**
 * The account of a text that {@link writeAccount} made, fields of newer versions included; `undefined`
 * when it is no such text.
 */
export function readAccount(text: string): StoredAccount | undefined {
  const fields = parseFields(text)
  return isAccount(fields) ? fields : undefined
}

/** Whether a JSON object has the form of an account, as far as this version knows it. */
export function isAccount(fields: Fields): fields is Fields & StoredAccount {
  const { session, apiKey, legacyToken, legacyOrigins, intent, coolDown, imported } = fields
  return (
    isSession(session) &&
    isOptional(apiKey, isApiKey) &&
    isOptional(legacyToken, isText) &&
    isOptional(legacyOrigins, isTexts) &&
    isOptional(intent, isIntent) &&
    isOptional(coolDown, isCoolDown) &&
    isOptional(imported, isTexts)
  )
}

function isSession(value: unknown): boolean {
  if (!isFields(value)) return false
  switch (value.status) {
    case 'signed-in':
      return isTokens(value.tokens)
    case 'expired':
      return isOptional(value.refreshTokenHash, isText)
    default:
      return value.status === 'signed-out' && isOptional(value.since, isTime)
  }
}

function isTokens(value: unknown): boolean {
  if (!isFields(value)) return false
  const { accessToken, refreshToken, tokenType, scope, kind, signInId, origins } = value
  return (
    textOf(accessToken) !== undefined &&
    isText(tokenType) &&
    (kind === 'opaque' || kind === 'jwt') &&
    [refreshToken, scope, signInId].every((text) => isOptional(text, isText)) &&
    [value.obtainedAt, value.expiresAt, value.refreshExpiresAt].every((time) =>
      isOptional(time, isTime),
    ) &&
    isOptional(origins, isTexts)
  )
}

function isApiKey(value: unknown): boolean {
  if (!isFields(value)) return false
  const { id, name, expiresAt, origins } = value
  return (
    textOf(value.value) !== undefined &&
    isOptional(id, isText) &&
    isOptional(name, isText) &&
    isOptional(expiresAt, isTime) &&
    isOptional(origins, isTexts)
  )
}

function isIntent(value: unknown): boolean {
  return isFields(value) && isText(value.refreshTokenHash) && isTime(value.since)
}

function isCoolDown(value: unknown): boolean {
  return (
    isFields(value) && isOptional(value.since, isTime) && isTime(value.until) && isText(value.code)
  )
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isTime(value: unknown): boolean {
  return typeof value === 'number'
}
