import { type ApiKeyProblem, inspectApiKey } from '../api-keys/inspect.ts'
import { Secret } from '../secret/secret.ts'
import type { Verdict } from './candidate.ts'
import type { ApiKeyItem, Reading } from './content.ts'
import { judgeLegacy } from './judge-legacy.ts'
import { type ImportingClient, ownershipOf } from './owner.ts'
import type { UnusableCode } from './report.ts'

/**
 * What an API key is worth. The old packages kept other things in its place, too: a session's JWT, which
 * becomes a legacy token, and the SHA-256 of a key. The gateway takes that for a key (★9); but they hashed
 * access tokens just the same, nobody can tell the one from the other, and this client sends no hashes.
 */
export function judgeKey(item: ApiKeyItem, reading: Reading, client: ImportingClient): Verdict {
  const kind = 'api-key'
  const text = unquoted(item.text)
  const inspection = inspectApiKey(text)
  if (!inspection.ok) {
    if (inspection.reason === 'jwt') {
      return judgeLegacy({ type: 'legacy-token', text }, reading, client)
    }
    return { kind, code: codes[inspection.reason], message: inspection.hint }
  }
  const { issuer, services } = reading.content
  const ownership = ownershipOf({ issuer, services }, client)
  if (!ownership.ours) return { kind, code: 'other_issuer', message: ownership.message }
  if (item.expiresAt !== undefined && item.expiresAt <= client.now) {
    return { kind, code: 'expired', message: 'The API key has ended.' }
  }
  const { publicId, kind: keyKind } = inspection
  const { name } = item
  // Another program goes on using its key: without the id, nothing here revokes or replaces it.
  const owner = reading.content.clientId ?? reading.clientId ?? client.clientId
  const id = owner === client.clientId && reading.othersSession !== true ? item.id : undefined
  const { origins } = ownership
  const secret = new Secret(text)
  return {
    usable: { kind, location: reading.location, secret, publicId, keyKind, id, name, origins },
  }
}

const codes: Readonly<Record<Exclude<ApiKeyProblem, 'jwt'>, UnusableCode>> = {
  empty: 'key_malformed',
  surrounded: 'key_malformed',
  public_half_only: 'key_incomplete',
  secret_half_only: 'key_incomplete',
  hash: 'key_hash',
  unknown_form: 'key_malformed',
}

/** As people paste it: with the quotes around it. */
function unquoted(text: string): string {
  const [, , inner] = /^\s*(["'`])(.*)\1\s*$/s.exec(text) ?? []
  return (inner ?? text).trim()
}
