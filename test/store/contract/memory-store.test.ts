import { describe, it } from 'vitest'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { storeContract } from '../../../src/testing.ts'

describe('memoryStore', () => {
  storeContract({ describe, it, createStore: () => ({ store: memoryStore() }) })
})
