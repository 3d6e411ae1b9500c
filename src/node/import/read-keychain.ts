import { raceSignal, startDeadline } from '../../async/abort.ts'
import { isAuthError } from '../../errors/auth-error.ts'
import { type Content, nothing, type Reading } from '../../import/content.ts'
import { readKeyText, readText } from '../../import/formats/read-text.ts'
import type { ImportHint } from '../../import/report.ts'
import type { KeychainReader } from './keychain-reader.ts'
import { keychainAccounts, keychainService } from './old-places.ts'

/** A keychain that waits for a person who is not there must not hold up a program. */
const timeoutMs = 10_000

/** Reads the old entries; why one could not be read is said once, because it is one keychain. */
export async function readKeychain(
  read: KeychainReader,
  signal: AbortSignal | undefined,
): Promise<{ readings: readonly Reading[]; hints: readonly ImportHint[] }> {
  const readings: Reading[] = []
  const reasons = new Set<string>()
  for (const account of keychainAccounts) {
    const deadline = startDeadline(timeoutMs, signal)
    try {
      const text = await raceSignal(read(keychainService, account), deadline.signal)
      if (text === undefined) continue
      const content = account === 'tokens' ? readText(text) : readKeyText(text)
      readings.push(toReading(account, content))
    } catch (error) {
      if (signal?.aborted) throw error
      reasons.add(deadline.timedOut() ? 'It did not answer in time.' : reasonOf(error))
      // Who waited for nobody once need not do so twice.
      if (deadline.timedOut()) break
    } finally {
      deadline.dispose()
    }
  }
  return { readings, hints: [...reasons].map(unavailable) }
}

function toReading(account: string, content: Content = nothing): Reading {
  return { place: 'keychain', location: `${keychainService}/${account}`, content }
}

/** What others throw may hold anything. */
function reasonOf(error: unknown): string {
  return isAuthError(error) ? `${error.message} ${error.hint}` : 'It cannot be read here.'
}

function unavailable(why: string): ImportHint {
  return {
    code: 'keychain_unavailable',
    location: keychainService,
    message: `The system's keychain was not looked into, or not wholly. ${why}`,
  }
}
