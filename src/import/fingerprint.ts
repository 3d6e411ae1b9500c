import { Secret } from '../secret/secret.ts'
import { tokenHash } from '../session/token-hash.ts'
import { type Candidate, secretOf } from './candidate.ts'
import type { KnownCandidate } from './decide.ts'

/**
 * Adds what a candidate is recognised by later. ★9 The fingerprint is not the SHA-256 of the credential,
 * because the gateway takes that of a key for the key: it is remembered longer than the key itself.
 */
export async function withFingerprint(candidate: Candidate): Promise<KnownCandidate> {
  const text = `imported ${candidate.kind} ${secretOf(candidate).reveal()}`
  const refreshToken = candidate.kind === 'tokens' ? candidate.tokens.refreshToken : undefined
  return {
    candidate,
    fingerprint: await tokenHash(new Secret(text)),
    refreshTokenHash: refreshToken && (await tokenHash(refreshToken)),
  }
}
