import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStore } from '../../../src/index.ts'
import { proxyFetch } from '../../../src/node/proxy/proxy-fetch.ts'
import { createClient } from '../../../src/node.ts'
import { servePlatform } from '../../../src/testing-node.ts'
import { failure } from '../../support/async.ts'

const undici = vi.hoisted(() => ({ loads: 0 }))
vi.mock('undici', () => {
  undici.loads += 1
  throw new Error('undici was loaded.')
})

afterEach(() => {
  undici.loads = 0
})

describe('undici', () => {
  it.each([
    ['there is no proxy', {}],
    ['the variable is empty', { HTTPS_PROXY: '', http_proxy: '' }],
    ['there are only exceptions', { NO_PROXY: 'example.com' }],
    ['the proxy is for nothing', { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' }],
    ['only this machine is spoken to', { HTTPS_PROXY: 'http://127.0.0.1:1' }],
  ])('is not loaded where %s', async (_where, variables) => {
    const platform = await servePlatform()
    onTestFinished(() => platform.close())
    const client = createClient({
      env: { ...platform.env, ...variables },
      store: memoryStore({ tokens: await platform.issueTokens() }),
    })
    onTestFinished(() => client.close())
    expect(await client.memory.list()).toMatchObject({ items: [] })
    await client.refresh()
    expect(undici.loads).toBe(0)
  })

  it('is loaded with the first request through a proxy, and not before', async () => {
    const url = 'http://127.0.0.1:1'
    const fetch = proxyFetch({ httpProxy: url, httpsProxy: url, noProxy: '' })
    expect(undici.loads).toBe(0)
    await failure(fetch('https://services.test/'))
    expect(undici.loads).toBe(1)
  })
})
