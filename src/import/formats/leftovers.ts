import { type Fields, isFields } from '../../json/fields.ts'

/**
 * Whether an object holds, in fields that nobody reads, what may be a credential: with the file it would be
 * lost. In doubt it does.
 *
 * @param known the fields that are read, or that are known to be harmless
 */
export function hasLeftovers(fields: Fields, known: readonly string[]): boolean {
  return Object.entries(fields).some(
    ([name, value]) => !known.includes(name) && mayBeCredential(name, value),
  )
}

function mayBeCredential(name: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => mayBeCredential(name, one))
  if (isFields(value)) {
    return Object.entries(value).some(([inner, one]) => mayBeCredential(inner, one))
  }
  if (typeof value !== 'string' || value.trim() === '') return false
  return isNameOfSecret(name) || (!isHarmless(value.trim()) && looksSecret(value))
}

function isNameOfSecret(name: string): boolean {
  return /(token|secret|key|passw(or)?d|passphrase|credentials?|cookie|jwt|bearer|auth)s?$/i.test(
    name,
  )
}

function looksSecret(text: string): boolean {
  return /[\w.+/=~-]{20,}/.test(text) || /\b(pk|sk|cli)_/.test(text)
}

/** An address without a user, a query or a long part, a mail address, or an id as of a device. */
function isHarmless(text: string): boolean {
  return (
    /^(https?|wss?):\/\/[\w.-]+(:\d+)?(\/[\w.-]{1,24}){0,6}\/?$/.test(text) ||
    /^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(text) ||
    /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
  )
}
