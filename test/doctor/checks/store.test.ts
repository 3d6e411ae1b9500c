import { describe, expect, it } from 'vitest'
import { AuthError, type Lock, memoryStore } from '../../../src/index.ts'
import { observedStore } from '../../support/stores.ts'
import { examine, statuses } from '../examine.ts'

const tokens = { accessToken: 'a-secret-token', refreshToken: 'another-secret' }

/** A store that says it is a file, which the diagnostics know. */
function fileOf(facts: { mode?: number; writable: boolean } | undefined) {
  const store = memoryStore()
  const location = '/home/ada/.maas.config'
  return {
    store: {
      ...store,
      describe: () => ({ ...store.describe(), kind: 'file', location, shared: 'machine' as const }),
    },
    diagnostics: { file: async () => facts },
  }
}

describe('the store', () => {
  it('is well when it can be read and locked, and says what it is', async () => {
    expect(await examine('store')).toEqual([
      {
        status: 'ok',
        what: expect.stringMatching(
          /^Credentials are in the memory \(forgets when the process ends, not encrypted, shared by: process\)\./,
        ),
      },
    ])
  })

  it.each(['store_unavailable', 'store_corrupt'] as const)(
    'that cannot be read is a failure (%s)',
    async (code) => {
      const store = {
        ...memoryStore(),
        read: async () => {
          throw new AuthError(code, 'The disk is broken.')
        },
      }
      expect(await examine('store', { client: { store } })).toMatchObject([
        { status: 'failure', what: 'The disk is broken.', hint: expect.any(String) },
      ])
    },
  )

  it('that hangs is given up after the time limit', async () => {
    const store = { ...memoryStore(), read: () => new Promise<undefined>(() => {}) }
    const findings = await examine('store', { client: { store }, options: { timeoutMs: 20 } })
    expect(findings).toMatchObject([
      { status: 'failure', what: expect.stringContaining('within 20 ms') },
    ])
  })

  it('that is not the one that was asked for is a warning', async () => {
    const inner = memoryStore()
    const store = { ...inner, describe: () => ({ ...inner.describe(), insteadOf: 'keychain' }) }
    expect(await examine('store', { client: { store } })).toMatchObject([
      { status: 'warning', expected: 'keychain', hint: expect.stringContaining('destroy()') },
    ])
  })

  it('whose lock cannot be had is a failure, and the lock is not that of the session', async () => {
    const names: string[] = []
    const lock: Lock = {
      async withLock(name) {
        names.push(name)
        throw new AuthError('lock_timeout', 'Somebody holds it.')
      },
    }
    expect(await examine('store', { client: { lock } })).toMatchObject([
      { status: 'ok' },
      { status: 'failure', what: 'Somebody holds it.' },
    ])
    expect(names).toEqual([expect.stringMatching(/#doctor$/)])
  })

  it('whose lock is lost at once is a failure', async () => {
    const lock: Lock = {
      withLock: (_name, _options, work) => work({ isHeld: async () => false }),
    }
    expect(statuses(await examine('store', { client: { lock } }))).toEqual(['ok', 'failure'])
  })

  it('is not changed by the look', async () => {
    const { store, seen } = observedStore(memoryStore({ tokens }))
    await examine('store', { client: { store } })
    expect(seen).toEqual({ reads: 1, commits: 0 })
  })
})

describe('a file', () => {
  it('of mode 0600 in a directory that can be written to is well', async () => {
    const client = fileOf({ mode: 0o600, writable: true })
    expect(statuses(await examine('store', { client }))).toEqual(['ok'])
  })

  it.each([0o644, 0o640, 0o604, 0o660])(
    '★30 that others may see is a warning (%o)',
    async (mode) => {
      const client = fileOf({ mode, writable: true })
      expect((await examine('store', { client }))[1]).toMatchObject({
        status: 'warning',
        what: expect.stringContaining(`the mode 0${mode.toString(8)}`),
        expected: '0600',
        hint: expect.stringContaining("chmod 600 '/home/ada/.maas.config'"),
      })
    },
  )

  it('that cannot be replaced is a failure: no session would be renewed', async () => {
    const client = fileOf({ mode: 0o600, writable: false })
    expect((await examine('store', { client }))[1]).toMatchObject({
      status: 'failure',
      hint: expect.stringContaining('writable'),
    })
  })

  it('that is not there yet is nothing to worry about', async () => {
    expect(statuses(await examine('store', { client: fileOf(undefined) }))).toEqual([
      'ok',
      'skipped',
    ])
  })

  it('has no mode on systems without', async () => {
    expect(statuses(await examine('store', { client: fileOf({ writable: true }) }))).toEqual(['ok'])
  })
})
