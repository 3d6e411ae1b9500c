import process from 'node:process'
import { leaseLock } from '../lease-lock/lease-lock.ts'
import { guardKeychain } from './guarded-keychain.ts'
import { openKeychain } from './open-keychain.ts'
import { partLengthOn } from './parts.ts'
import { type Vault, vault } from './vault.ts'

/** What a vault on the keychain of this machine is made of. */
export interface OpenVaultOptions {
  readonly service: string
  readonly timeoutMs: number
  readonly path: string
}

export function openVault({ service, timeoutMs, path }: OpenVaultOptions): Vault {
  return vault({
    keychain: guardKeychain({ backend: openKeychain(service), timeoutMs }),
    service,
    path,
    lock: leaseLock({ path }),
    partLength: partLengthOn(process.platform),
  })
}
