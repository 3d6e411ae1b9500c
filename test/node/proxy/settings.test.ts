import { describe, expect, it } from 'vitest'
import type { AuthError } from '../../../src/errors/auth-error.ts'
import { proxySettings } from '../../../src/node/proxy/settings.ts'
import { createClient } from '../../../src/node.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'

const proxy = 'http://proxy.example.com:3128/'
const other = 'http://other.example.com:3128/'

describe('the proxies of the environment', () => {
  it.each([
    {},
    { HTTPS_PROXY: undefined, HTTP_PROXY: '' },
    { NO_PROXY: 'example.com' },
    { ALL_PROXY: proxy },
  ])('are none by %j', (env) => {
    expect(proxySettings(env)).toBeUndefined()
  })

  it.each(['HTTPS_PROXY', 'https_proxy'])('are named by %s', (name) => {
    expect(proxySettings({ [name]: proxy })).toEqual({
      httpsProxy: proxy,
      httpProxy: undefined,
      noProxy: '',
    })
  })

  it.each(['HTTP_PROXY', 'http_proxy'])('are named by %s', (name) => {
    expect(proxySettings({ [name]: proxy })).toEqual({
      httpsProxy: undefined,
      httpProxy: proxy,
      noProxy: '',
    })
  })

  it('are named by the lower-case names first', () => {
    const env = {
      HTTPS_PROXY: other,
      https_proxy: proxy,
      HTTP_PROXY: other,
      http_proxy: proxy,
      NO_PROXY: 'a.example.com',
      no_proxy: 'b.example.com',
    }
    expect(proxySettings(env)).toEqual({
      httpsProxy: proxy,
      httpProxy: proxy,
      noProxy: 'b.example.com',
    })
    expect(proxySettings({ https_proxy: '', HTTPS_PROXY: other })).toMatchObject({
      httpsProxy: other,
    })
  })

  it.each([
    ['proxy.example.com:3128', 'http://proxy.example.com:3128/'],
    ['proxy.example.com', 'http://proxy.example.com/'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128/'],
    ['HTTP://PROXY.example.com:3128', 'http://proxy.example.com:3128/'],
    ['https://proxy.example.com', 'https://proxy.example.com/'],
    ['http://user:p%40ss@proxy.example.com:3128', 'http://user:p%40ss@proxy.example.com:3128/'],
  ])('may be written as %s', (value, url) => {
    expect(proxySettings({ HTTPS_PROXY: value })?.httpsProxy).toBe(url)
  })

  it.each(['*', ' * '])('are not used at all with NO_PROXY=%j', (NO_PROXY) => {
    expect(proxySettings({ HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY })).toBeUndefined()
  })

  const wrong = [
    'socks5://canary.example.com:1080',
    'ftp://canary.example.com',
    'http://',
    'http://canary canary',
    'http://user:canary@proxy.example.com:99999',
    'http://user:canary%@proxy.example.com:3128',
    '   ',
  ]
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

  it.each(names.flatMap((name) => wrong.map((value) => [name, value] as const)))(
    'are refused by name and never by value: %s=%j',
    (name, value) => {
      const make = () => createClient({ env: { [name]: value }, store: memoryStore() })
      let error: AuthError | undefined
      try {
        make()
      } catch (caught) {
        error = caught as AuthError
      }
      expect(error).toMatchObject({
        name: 'AuthError',
        code: 'config_invalid',
        message: `${name} is not the address of an HTTP proxy.`,
        hint: expect.stringContaining(name),
      })
      const printed = `${error?.stack} ${JSON.stringify(error)} ${error?.cause}`
      expect(printed).not.toContain('canary')
    },
  )

  it('are not looked at when there is a fetch already', () => {
    const env = { HTTPS_PROXY: 'socks5://proxy.example.com' }
    expect(() => createClient({ env, store: memoryStore(), fetch })).not.toThrow()
  })
})
