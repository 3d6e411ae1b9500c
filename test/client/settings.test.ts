import { describe, expect, it } from 'vitest'
import { AuthClient } from '../../src/client/auth-client.ts'
import { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import type { LanonasisClientOptions } from '../../src/client/options.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { failure } from '../support/async.ts'
import { clientFor, platformAt } from '../support/setup.ts'

function problem(options: object): Error {
  try {
    new LanonasisClient({ clientId: 'x', env: {}, ...options } as LanonasisClientOptions)
  } catch (error) {
    return error as Error
  }
  throw new Error('This was accepted.')
}

describe('making a client', () => {
  it.each([
    [{ clientId: '' }, 'clientId is empty.'],
    [{ clientId: undefined }, 'clientId is empty.'],
    [{ profile: ' ' }, 'profile is empty.'],
    [{ timeoutMs: 0 }, 'timeoutMs is not a positive number.'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs is not a positive number.'],
    [{ timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs is not a positive number.'],
    [{ issuer: 'https://id.example.com' }, 'LanonasisClient takes no issuer.'],
    [{ endpoints: { mcp: 'https://x' } }, 'endpoints.mcp is not a service.'],
    [{ projectScope: 'a\nb' }, 'projectScope is not a name of a project scope.'],
  ])('★4 fails for %j, naming the setting', (options, message) => {
    expect(problem(options)).toMatchObject({ code: 'config_invalid', message })
  })

  it('★4 fails for a typo in a variable, naming it, and does not fall back to production', () => {
    const env = { AUTH_GATEWAY_URL: 'htps://auth.example.com' }
    expect(problem({ env })).toMatchObject({
      code: 'config_invalid',
      message: 'AUTH_GATEWAY_URL has to start with https://.',
    })
  })

  it('★4 fails for a server or a resource that is not encrypted', () => {
    const make = (options: object) => () => new AuthClient({ clientId: 'x', ...options })
    const invalid = expect.objectContaining({ code: 'config_invalid' })
    expect(make({ issuer: 'http://id.example.com' })).toThrow(invalid)
    expect(make({ issuer: 'https://a.example', resources: ['http://b.example'] })).toThrow(invalid)
    expect(make({ issuer: 'http://localhost:3000' })).not.toThrow()
  })

  it.each([
    ['pk_1', 'api_key_incomplete'],
    ['"pk_1.sk_2"', 'api_key_malformed'],
    ['0a'.repeat(32), 'api_key_malformed'],
  ])('★9 fails for the API key %s', (apiKey, code) => {
    const error = problem({ apiKey })
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(/^apiKey is /)
  })

  it('takes the variables of the process where no others are given', () => {
    const client = new LanonasisClient({ clientId: 'x', endpoints: {} })
    expect(client.endpoints.authGateway).toBe(
      process.env.AUTH_GATEWAY_URL ?? 'https://auth.lanonasis.com',
    )
  })

  it('sends nothing and reads nothing', () => {
    const forbidden = () => Promise.reject(new Error('not now'))
    const store = { ...memoryStore(), read: forbidden, commit: forbidden }
    expect(() => clientFor(platformAt(), { store, fetch: forbidden })).not.toThrow()
  })

  it('shows where the services are, and lets nobody change that', () => {
    const client = clientFor(platformAt())
    expect(client.clientId).toBe('lanonasis-cli')
    expect(Object.isFrozen(client.endpoints)).toBe(true)
  })
})

describe('profiles', () => {
  it('are accounts of their own in one store', async () => {
    const platform = platformAt()
    const store = memoryStore()
    const { key } = await platform.createApiKey()
    await clientFor(platform, { store, profile: 'work' }).setApiKey(key)
    expect(await failure(clientFor(platform, { store }).memory.list())).toMatchObject({
      code: 'login_required',
    })
    expect((await clientFor(platform, { store, profile: 'work' }).memory.list()).items).toEqual([])
  })
})
