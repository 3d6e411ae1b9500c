import type { FullStore } from '../../store/lazy-store.ts'
import { orMemory } from '../or-memory.ts'
import { encryptedStore } from './encrypted-store.ts'

/** The store of a database; where the page may have none, the memory of the page. */
export function openDatabaseStore(name: string): FullStore {
  return orMemory(encryptedStore(name, globalThis))
}
