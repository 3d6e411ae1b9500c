import { Secret } from '../secret/secret.ts'
import type { Verdict } from './candidate.ts'
import type { LegacyItem, Reading } from './content.ts'
import { jwtClaims } from './jwt-claims.ts'
import { type ImportingClient, ownershipOf } from './owner.ts'
import { isSendable } from './sendable.ts'
import { readTime } from './times.ts'

/** `cli_<id>_<epoch ms>` counted as good for this long. */
const cliTokenLifeMs = 30 * 24 * 3_600_000

/** A token of the time before OAuth: it goes to the services as it is, until it is exchanged or refused. */
export function judgeLegacy(
  { text }: LegacyItem,
  reading: Reading,
  client: ImportingClient,
): Verdict {
  const kind = 'legacy-token'
  if (!isSendable(text)) return { kind, code: 'damaged', message: 'The token is no token.' }
  const { issuer, services } = reading.content
  const claimed = jwtClaims(text).iss
  const named = typeof claimed === 'string' && URL.canParse(claimed) ? claimed : issuer
  const ownership = ownershipOf({ issuer: named, services }, client)
  if (!ownership.ours) return { kind, code: 'other_issuer', message: ownership.message }
  const expiresAt = expiryOf(text)
  if (expiresAt !== undefined && expiresAt <= client.now) {
    return { kind, code: 'expired', message: 'The token has ended.' }
  }
  const { origins } = ownership
  const secret = new Secret(text)
  return { usable: { kind, location: reading.location, secret, expiresAt, origins } }
}

function expiryOf(text: string): number | undefined {
  const [, madeAt] = /^cli_.*_(\d{10,13})$/.exec(text) ?? []
  const since = readTime(madeAt)
  return since === undefined ? readTime(jwtClaims(text).exp) : since + cliTokenLifeMs
}
