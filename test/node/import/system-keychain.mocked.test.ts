import { afterEach, expect, it, vi } from 'vitest'
import { importCredentials } from '../../../src/node.ts'
import { homeWith } from '../../import/fixtures/home.ts'
import { clientFor, platformAt } from '../../support/setup.ts'

const { asked } = vi.hoisted(() => ({ asked: vi.fn(async () => undefined) }))
vi.mock('../../../src/node/import/keychain-reader.ts', () => ({ systemKeychain: asked }))

afterEach(() => {
  vi.unstubAllEnvs()
  asked.mockClear()
})

it('is asked for both entries of the old service', async () => {
  vi.stubEnv('HOME', await homeWith({}))
  await importCredentials(clientFor(platformAt()), { env: {} })
  expect(asked.mock.calls).toEqual([
    ['lanonasis-mcp', 'tokens'],
    ['lanonasis-mcp', 'lanonasis_api_key'],
  ])
})

it('is not asked when somebody looks into another home, or wants it left alone', async () => {
  const home = await homeWith({})
  await importCredentials(clientFor(platformAt()), { home, env: {} })
  vi.stubEnv('HOME', home)
  await importCredentials(clientFor(platformAt()), { env: {}, keychain: false })
  expect(asked).not.toHaveBeenCalled()
})
