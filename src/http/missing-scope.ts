import { redact } from '../errors/redact.ts'
import type { Fields } from '../json/fields.ts'

/** A parameter of a `WWW-Authenticate: Bearer` challenge (RFC 6750 §3). */
export function challengeParameter(headers: Headers, name: 'error' | 'scope'): string | undefined {
  const challenge = headers.get('www-authenticate') ?? ''
  return new RegExp(`[\\s,]${name}="([^"]*)"`, 'i').exec(challenge)?.[1]
}

/** The scope that a service says a request needs: in its challenge, or in the fields that some use instead. */
export function requiredScope(headers: Headers, body: Fields): string | undefined {
  const said = [
    challengeParameter(headers, 'scope'),
    body.required_scopes,
    body.required_scope,
    body.scope,
  ]
  for (const candidate of said) {
    const tokens = (Array.isArray(candidate) ? candidate : [candidate])
      .filter((value) => typeof value === 'string')
      .flatMap((value) => value.split(' '))
      .filter(isPrintable)
    if (tokens.length > 0) return tokens.join(' ')
  }
  return undefined
}

/** What of the required scope was not granted; all of it where that is not known, or is no help. */
export function missingScope(required: string, granted: string | undefined): string {
  const held = new Set(granted?.split(' '))
  const missing = required.split(' ').filter((token) => !held.has(token))
  return missing.length === 0 ? required : missing.join(' ')
}

/** RFC 6749 §3.3, without what may be a credential that somebody put into the wrong field. */
function isPrintable(token: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(token) && redact(token) === token
}
