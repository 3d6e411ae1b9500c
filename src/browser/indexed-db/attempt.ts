import { startDeadline } from '../../async/abort.ts'
import type { BrowserWorld } from '../world.ts'
import type { DatabasePlace } from './database.ts'

/** A database, and what to encrypt with. */
export interface Vault extends DatabasePlace {
  readonly crypto: Crypto
}

/** Less than half of what a store is waited for: a second attempt has to fit in. */
export const timeoutMs = 4_500

/** What passes when it is tried anew: a connection that was lost, data that was cleared meanwhile. */
const passing = new Set(['AbortError', 'InvalidStateError', 'NotFoundError', 'UnknownError'])

/** Does something with the database `name`, within a time limit, and once more after what passes. */
export async function attempt<T>(
  { name, world }: { readonly name: string; readonly world: BrowserWorld },
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  const once = async () => {
    const { indexedDB: factory, crypto } = world
    if (!factory || !crypto?.subtle) throw notThere()
    const deadline = startDeadline(timeoutMs)
    try {
      return await work({ factory, crypto, name, signal: deadline.signal })
    } finally {
      deadline.dispose()
    }
  }
  try {
    return await once()
  } catch (error) {
    if (!(error instanceof DOMException && passing.has(error.name))) throw error
    requirePermission(world)
    return once()
  }
}

/** Chromium says `UnknownError` where site data are blocked, as for a broken disk; of web storage it says the truth. */
function requirePermission({ window }: BrowserWorld): void {
  // Reading it is asking.
  void window?.localStorage
}

/** As browsers say it that have it and do not give it: an insecure origin, an old private window, a server. */
function notThere(): DOMException {
  return new DOMException('This page has no IndexedDB, or no WebCrypto.', 'SecurityError')
}
