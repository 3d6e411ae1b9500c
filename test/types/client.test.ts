import {
  AuthClient,
  type AuthClientOptions,
  type Endpoints,
  type Fetch,
  type Introspection,
  LanonasisClient,
  type LanonasisClientOptions,
  type LoginFlow,
  type LoginPrompt,
  type LogoutResult,
  type Session,
  type TokenStore,
} from '@lanonasis/auth-client'
import { createClient, type NodeClientOptions } from '@lanonasis/auth-client/node'
import { describe, expectTypeOf, it } from 'vitest'

describe('the options of a client', () => {
  it('need a client id and nothing else', () => {
    expectTypeOf<{ clientId: string }>().toExtend<LanonasisClientOptions>()
    expectTypeOf<{ clientId: string }>().toExtend<AuthClientOptions>()
    expectTypeOf<Record<never, never>>().not.toExtend<LanonasisClientOptions>()
    expectTypeOf(LanonasisClient).constructorParameters.toEqualTypeOf<[LanonasisClientOptions]>()
    expectTypeOf(AuthClient).constructorParameters.toEqualTypeOf<[AuthClientOptions]>()
  })

  it('need nothing at all on Node.js', () => {
    expectTypeOf(createClient).parameters.toEqualTypeOf<[options?: NodeClientOptions]>()
    expectTypeOf(createClient).returns.toEqualTypeOf<LanonasisClient>()
    expectTypeOf<Record<never, never>>().toExtend<NodeClientOptions>()
  })

  it('take a value or its absence, so that a program can pass on what it has', () => {
    expectTypeOf<LanonasisClientOptions['apiKey']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<{
      clientId: string
      apiKey: undefined
      login: undefined
      fetch: undefined
    }>().toExtend<LanonasisClientOptions>()
    expectTypeOf<LanonasisClientOptions['endpoints']>().toEqualTypeOf<
      Partial<Endpoints> | undefined
    >()
    expectTypeOf<LanonasisClientOptions['environment']>().toEqualTypeOf<
      'production' | 'staging' | undefined
    >()
    expectTypeOf<LanonasisClientOptions['store']>().toEqualTypeOf<
      TokenStore | readonly TokenStore[] | undefined
    >()
    expectTypeOf<LanonasisClientOptions['tokenRequestFormat']>().toEqualTypeOf<
      'json' | 'form' | undefined
    >()
    expectTypeOf<LanonasisClientOptions['interaction']>().toEqualTypeOf<
      'allowed' | 'never' | undefined
    >()
  })

  it('take the platform’s own fetch, and one flow or several', () => {
    expectTypeOf<typeof fetch>().toExtend<Fetch>()
    expectTypeOf<LoginFlow>().toExtend<NonNullable<LanonasisClientOptions['login']>>()
    expectTypeOf<readonly LoginFlow[]>().toExtend<NonNullable<LanonasisClientOptions['login']>>()
  })

  it('refuse what is not an option, or not of its type', () => {
    // @ts-expect-error -- the client id is missing
    ;() => new LanonasisClient({})
    // @ts-expect-error -- there is no such environment
    ;() => new LanonasisClient({ clientId: 'x', environment: 'test' })
    // @ts-expect-error -- there is no such service
    ;() => new LanonasisClient({ clientId: 'x', endpoints: { gateway: 'https://x.example' } })
    // @ts-expect-error -- an issuer is for AuthClient
    ;() => new LanonasisClient({ clientId: 'x', issuer: 'https://id.example.com' })
    // @ts-expect-error -- an API key is for LanonasisClient
    ;() => new AuthClient({ clientId: 'x', apiKey: 'pk_1.sk_2' })
  })
})

describe('a client', () => {
  type Client = LanonasisClient

  it('is an AuthClient with more', () => {
    expectTypeOf<Client>().toExtend<AuthClient>()
    expectTypeOf<Client['endpoints']>().toEqualTypeOf<Endpoints>()
    expectTypeOf<Client['clientId']>().toEqualTypeOf<string>()
  })

  it('gives what the documentation promises', () => {
    expectTypeOf<Client['login']>().returns.resolves.toEqualTypeOf<Session>()
    expectTypeOf<Client['logout']>().returns.resolves.toEqualTypeOf<LogoutResult>()
    expectTypeOf<Client['getSession']>().returns.resolves.toEqualTypeOf<Session>()
    expectTypeOf<Client['getAccessToken']>().returns.resolves.toEqualTypeOf<string>()
    expectTypeOf<Client['refresh']>().returns.resolves.toEqualTypeOf<Session>()
    expectTypeOf<Client['introspect']>().returns.resolves.toEqualTypeOf<Introspection>()
    expectTypeOf<Client['exchangeLegacyToken']>().returns.resolves.toEqualTypeOf<
      Session | undefined
    >()
    expectTypeOf<Client['setApiKey']>().returns.resolves.toEqualTypeOf<void>()
    expectTypeOf<Client['close']>().returns.resolves.toEqualTypeOf<void>()
    expectTypeOf<Client['destroy']>().returns.resolves.toEqualTypeOf<void>()
    expectTypeOf<Client['fetch']>().returns.resolves.toEqualTypeOf<Response>()
  })

  it('can be called without any option, and given a signal', () => {
    expectTypeOf<Parameters<Client['login']>>().toExtend<[unknown?]>()
    const callable = (client: Client, signal: AbortSignal) => {
      client.login()
      client.login({ signal, scope: 'memories:read', apiKey: { name: 'x' } })
      client.logout({ apiKey: 'revoke', signal })
      client.getAccessToken({ minValidityMs: 60_000, signal })
      client.refresh({ signal })
      client.introspect()
      client.introspect('a token', { signal })
      client.exchangeLegacyToken({ signal })
      client.fetch('https://mcp.lanonasis.com/api/v1/x', { signal })
      client.fetch(new URL('https://mcp.lanonasis.com/api/v1/x'))
      client.fetch(new Request('https://mcp.lanonasis.com/api/v1/x'))
      // @ts-expect-error -- a key is not lost by a typing mistake
      client.logout({ apiKey: 'remove' })
      // @ts-expect-error -- a key needs a name
      client.login({ apiKey: {} })
    }
    expectTypeOf(callable).toBeFunction()
  })

  it('serves useSyncExternalStore', () => {
    expectTypeOf<Client['subscribe']>().toEqualTypeOf<(listener: () => void) => () => void>()
    expectTypeOf<Client['getSnapshot']>().toEqualTypeOf<() => Session>()
    expectTypeOf<Client['getServerSnapshot']>().toEqualTypeOf<() => Session>()
  })

  it('is disposed of by `await using`', () => {
    expectTypeOf<Client>().toExtend<AsyncDisposable>()
  })
})

describe('prompts', () => {
  it('are told apart by their type', () => {
    const words = (prompt: LoginPrompt): string => {
      switch (prompt.type) {
        case 'url':
          return prompt.opened ? 'A browser was opened.' : `Open ${prompt.url}`
        case 'device-code':
          return `Enter ${prompt.userCode} at ${prompt.url}`
        case 'paste':
          return `Open ${prompt.url} and paste the answer`
        case 'waiting':
          return 'Somebody else is signing in.'
      }
    }
    expectTypeOf(words).returns.toEqualTypeOf<string>()
  })
})
