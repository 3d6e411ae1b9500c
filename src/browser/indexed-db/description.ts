import type { StoreDescription } from '../../store/store.ts'
import { hasWebLocks, noLocksNote } from '../web-locks.ts'
import type { BrowserWorld } from '../world.ts'

/** How the store on the database of this name describes itself. */
export function describeDatabase(world: BrowserWorld, name: string): StoreDescription {
  return {
    kind: 'indexeddb',
    location: name,
    persistent: true,
    encrypted: true,
    shared: 'tabs',
    ...(hasWebLocks(world) ? {} : { note: noLocksNote }),
  }
}
