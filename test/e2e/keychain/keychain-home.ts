import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Fields, textOf } from '../../../src/json/fields.ts'
import { readSection, writeSection } from '../../../src/node/file-store/account-section.ts'
import { keychainStore } from '../../../src/node.ts'
import type { StoreKey } from '../../../src/store/store.ts'
import type { Elsewhere } from '../session/home.ts'
import type { Desktop } from './session-bus.ts'

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** Keeps the credentials of a home in the keyring of a desktop, which is that of this process as well. */
export function inKeychain(desktop: Desktop, service: string): Elsewhere {
  const placeIn = (directory: string) => ({ service, path: join(directory, '.maas.keychain') })
  let key: StoreKey = { issuer: '', clientId: 'lanonasis-cli', profile: 'default' }

  return {
    agent: (directory) => ({
      keychain: placeIn(directory),
      // Its program lies in a temporary directory, where no package is to be found.
      variables: { ...desktop.env, NODE_PATH: modules },
    }),

    async put(directory, auth) {
      const account = readSection(auth, [])
      if (account === undefined) throw new Error('There is nothing to keep.')
      key = { ...key, issuer: textOf(auth.issuer) ?? '' }
      await keychainStore(placeIn(directory)).commit(key, undefined, account)
    },

    async read(directory): Promise<Fields> {
      const entry = await keychainStore(placeIn(directory)).read(key)
      if (entry === undefined) return {}
      const { issuer, clientId } = key
      return writeSection({}, entry.value, { issuer, clientId, revision: entry.revision })
    },
  }
}
