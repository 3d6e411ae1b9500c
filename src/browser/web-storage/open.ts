import type { FullStore } from '../../store/lazy-store.ts'
import { orMemory } from '../or-memory.ts'
import type { StoragePlace } from './description.ts'
import { plainStore } from './plain-store.ts'

/** The store of a storage; where the page may have none, the memory of the page. */
export function openPlainStore(place: StoragePlace): FullStore {
  return orMemory(plainStore(globalThis, place))
}
