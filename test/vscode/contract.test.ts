import { rm } from 'node:fs/promises'
import { describe, it } from 'vitest'
import { storeContract } from '../../src/testing.ts'
import { secretStorageStore } from '../../src/vscode.ts'
import { temporaryFolder } from '../support/directories.ts'
import { editor } from '../support/secret-storage.ts'

const damaged = '{"revision":"1","account":{"session":'

/** An editor in which every store has a window of its own. */
async function manyWindows() {
  const folder = await temporaryFolder()
  const { open } = editor({ folder })
  return placeIn(open, () => rm(folder, { recursive: true }))
}

/** An editor in a page that keeps no files: the lock reaches over one window. */
function oneWindow() {
  const window = editor({ kind: 'browser' }).open()
  return {
    ...placeIn(
      () => window,
      async () => {},
    ),
    reopen: undefined,
  }
}

function placeIn(open: ReturnType<typeof editor>['open'], dispose: () => Promise<void>) {
  const window = open()
  return {
    window,
    store: secretStorageStore(window.context, { env: window.env }),
    reopen: () => {
      const { context, env } = open()
      return secretStorageStore(context, { env })
    },
    dispose,
  }
}

type Place = ReturnType<typeof placeIn> | ReturnType<typeof oneWindow>

function nameOfAccount({ window }: Place): string {
  const names = [...window.secrets.keys()].filter((name) => !name.includes('"work"'))
  return names.find((name) => name.includes('contract-cli')) ?? ''
}

const shared = {
  describe,
  it,
  watchWithinMs: 1_000,
  corruption: {
    damage: (place: Place) => place.window.plant(nameOfAccount(place), damaged),
    isKept: ({ window }: Place) => [...window.secrets.values()].includes(damaged),
  },
  newerVersion: {
    addField(place: Place) {
      const name = nameOfAccount(place)
      const record = JSON.parse(place.window.secrets.get(name) ?? '')
      place.window.plant(name, JSON.stringify({ ...record, passkey: 'of a newer version' }))
    },
    hasField: (place: Place) =>
      place.window.secrets.get(nameOfAccount(place))?.includes('passkey') ?? false,
  },
}

describe('secretStorageStore', { timeout: 60_000 }, () => {
  describe('in many windows of an editor on this machine', () => {
    storeContract<Place>({ ...shared, createStore: manyWindows })
  })

  describe('in a page', () => {
    storeContract<Place>({ ...shared, createStore: oneWindow })
  })
})
