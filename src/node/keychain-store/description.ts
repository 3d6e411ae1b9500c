import type { StoreDescription } from '../../store/store.ts'

/** How the store on the keychain describes itself. */
export function describeKeychain(service: string): StoreDescription {
  return {
    kind: 'keychain',
    location: service,
    persistent: true,
    encrypted: true,
    shared: 'machine',
  }
}
