import type { StoreDescription } from '../../store/store.ts'
import { hasWebLocks, noLocksNote } from '../web-locks.ts'
import type { BrowserWorld } from '../world.ts'

/** Which storage, and what the names of its entries begin with. */
export interface StoragePlace {
  readonly storage: 'local' | 'session'
  readonly prefix: string
}

const risk = 'Every script of the page can read it.'

/** How the store on a web storage describes itself. */
export function describeStorage(
  world: BrowserWorld,
  { storage, prefix }: StoragePlace,
): StoreDescription {
  const isLocal = storage === 'local'
  return {
    kind: `${storage}Storage`,
    location: prefix,
    persistent: isLocal,
    encrypted: false,
    shared: isLocal ? 'tabs' : 'process',
    note: isLocal && !hasWebLocks(world) ? `${risk} ${noLocksNote}` : risk,
  }
}
