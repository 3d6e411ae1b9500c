import { describe, it } from 'vitest'
import { storeContract } from '../../../src/testing.ts'
import { keychainHome } from '../../support/keychain.ts'

describe.each(['linux', 'win32'])('a vault with the limits of %s', (platform) => {
  storeContract({
    describe,
    it,
    async createStore() {
      const { store, open } = await keychainHome({
        platform,
        ...(platform === 'win32' ? { maximalBytes: 2_560 } : {}),
      })
      return { store, reopen: () => open() }
    },
  })
})
