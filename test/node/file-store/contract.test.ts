import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { storeContract } from '../../../src/testing.ts'
import { readJson } from '../../support/directories.ts'

const damaged = '{"auth":{"tokens":{"access_token":"access-of-everything"'

async function createStore() {
  const directory = await mkdtemp(join(tmpdir(), 'auth-client-contract-'))
  const path = join(directory, '.maas.config')
  return {
    path,
    store: fileStore({ path }),
    reopen: () => fileStore({ path }),
    dispose: () => rm(directory, { recursive: true }),
  }
}

describe('fileStore', () => {
  storeContract({
    describe,
    it,
    createStore,
    corruption: {
      isShared: true,
      damage: ({ path }) => writeFile(path, damaged),
      async isKept({ path }) {
        const names = await readdir(dirname(path))
        const others = names.filter((name) => name !== basename(path))
        const texts = others.map((name) => readFile(join(dirname(path), name), 'utf8'))
        return (await Promise.all(texts)).includes(damaged)
      },
    },
    newerVersion: {
      async addField({ path }) {
        const config = await readJson(path)
        config.auth.passkey = { of: 'a newer version' }
        for (const account of Object.values<Record<string, unknown>>(config.auth.accounts ?? {})) {
          account.passkey = { of: 'a newer version' }
        }
        config.telemetry = 'off'
        await writeFile(path, JSON.stringify(config))
      },
      async hasField({ path }) {
        const { auth, telemetry } = await readJson(path)
        const accounts = Object.values<Record<string, unknown>>(auth.accounts)
        const kept = accounts.some(({ passkey }) => passkey !== undefined)
        return kept && auth.passkey !== undefined && telemetry === 'off'
      },
    },
  })
})
