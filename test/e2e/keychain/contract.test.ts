import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AsyncEntry } from '@napi-rs/keyring'
import { describe, it } from 'vitest'
import { pinned } from '../../../src/node/keychain-store/keyring.ts'
import { partLengthOn, split, join as unite } from '../../../src/node/keychain-store/parts.ts'
import { keychainStore } from '../../../src/node.ts'
import type { TokenStore } from '../../../src/store/store.ts'
import { storeContract } from '../../../src/testing.ts'
import { readJson } from '../../support/directories.ts'
import { useDesktop } from './desktop.ts'

const service = 'auth-client-contract'
const garbage = '1 of something else'

useDesktop()

async function createStore() {
  const directory = await mkdtemp(join(tmpdir(), 'auth-client-keychain-'))
  const path = join(directory, '.maas.keychain')
  const open = () => keychainStore({ service, path })
  let store = open()
  return {
    path,
    store: passingOn(() => store),
    reopen: open,
    /** What a process has read it does not ask for again: who notices changes by others is the next one. */
    startAnew: () => {
      store = open()
    },
    dispose: () => rm(directory, { recursive: true }),
  }
}

function passingOn(store: () => TokenStore): TokenStore {
  const inner = store()
  return {
    lock: inner.lock,
    read: (key) => store().read(key),
    commit: (...args) => store().commit(...args),
    watch: (...args) => store().watch?.(...args) ?? (() => {}),
    describe: () => store().describe(),
    destroy: async (key) => store().destroy?.(key),
  }
}

/** The parts of all that the index names, as the keychain has them. */
async function partsIn(path: string): Promise<readonly AsyncEntry[]> {
  const entries = Object.values((await readJson(path)).entries) as {
    current?: { id: string; parts: number }
    leftovers?: { id: string; parts: number }[]
  }[]
  const values = entries.flatMap(({ current, leftovers = [] }) => [current ?? [], leftovers].flat())
  return values.flatMap(({ id, parts }) =>
    Array.from({ length: parts }, (_, index) => new AsyncEntry(service, `${id}.${index}`, pinned)),
  )
}

describe('keychainStore on a real keyring', () => {
  const damagedParts: AsyncEntry[] = []

  storeContract({
    describe,
    it,
    createStore,
    corruption: {
      async damage({ path, startAnew }) {
        startAnew()
        damagedParts.length = 0
        for (const part of await partsIn(path)) {
          await part.setPassword(garbage)
          damagedParts.push(part)
        }
      },
      async isKept() {
        const texts = await Promise.all(damagedParts.map((part) => part.getPassword()))
        return texts.includes(garbage)
      },
    },
    newerVersion: {
      async addField({ path, startAnew }) {
        startAnew()
        for (const part of await partsIn(path)) {
          const fields = JSON.parse(unite([(await part.getPassword()) ?? '']) ?? '{}')
          const changed = JSON.stringify({ ...fields, passkey: { of: 'a newer version' } })
          const [text = ''] = split(changed, partLengthOn('linux'))
          await part.setPassword(text)
        }
      },
      async hasField({ path }) {
        const texts = await Promise.all((await partsIn(path)).map((part) => part.getPassword()))
        return texts.some((text) => text?.includes('passkey'))
      },
    },
  })
})
