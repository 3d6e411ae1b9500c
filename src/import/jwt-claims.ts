import { type Fields, parseFields } from '../json/fields.ts'

/**
 * What a JWT says of itself. Nobody has verified it: good for an upper bound of its life and for
 * refusing it, never for trusting it.
 */
export function jwtClaims(token: string): Fields {
  const [, payload = ''] = token.split('.')
  try {
    const binary = atob(payload.replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return parseFields(new TextDecoder().decode(bytes))
  } catch {
    return {}
  }
}
