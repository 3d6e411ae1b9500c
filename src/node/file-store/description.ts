import type { StoreDescription } from '../../store/store.ts'

/** How the store on the file at `path` describes itself. */
export function describeFile(path: string): StoreDescription {
  return {
    kind: 'file',
    location: path,
    persistent: true,
    encrypted: false,
    shared: 'machine',
  }
}
