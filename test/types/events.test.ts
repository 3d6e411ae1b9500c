import type {
  AuthErrorCode,
  ClientEvents,
  LanonasisClient,
  RequestEvent,
  Session,
  StoreDescription,
} from '@lanonasis/auth-client'
import { describe, expectTypeOf, it } from 'vitest'

describe('client.on', () => {
  it('knows the events by name', () => {
    expectTypeOf<'session' | 'refresh' | 'degraded' | 'store' | 'request'>().toExtend<
      keyof ClientEvents
    >()
    expectTypeOf<LanonasisClient['on']>().returns.toEqualTypeOf<() => void>()
  })

  it('gives each listener the event of its name', () => {
    const listen = (client: LanonasisClient) => {
      client.on('session', (session) => expectTypeOf(session).toEqualTypeOf<Session>())
      client.on('refresh', ({ expiresAt }) => {
        expectTypeOf(expiresAt).toEqualTypeOf<number | undefined>()
      })
      client.on('degraded', ({ code }) => expectTypeOf(code).toEqualTypeOf<AuthErrorCode>())
      client.on('store', (event) => {
        expectTypeOf(event.operation).toEqualTypeOf<'read' | 'write' | 'open'>()
        if (event.operation === 'open') {
          expectTypeOf(event.instead).toEqualTypeOf<StoreDescription>()
        }
      })
      client.on('request', (event) => expectTypeOf(event).toEqualTypeOf<RequestEvent>())
      // @ts-expect-error -- there is no such event
      client.on('tokens', () => {})
      // @ts-expect-error -- another event's listener
      client.on('refresh', (session: Session) => session.status)
    }
    expectTypeOf(listen).toBeFunction()
  })

  it('tells of requests without a query, a body or a header', () => {
    expectTypeOf<keyof RequestEvent>().toEqualTypeOf<
      'service' | 'method' | 'route' | 'status' | 'requestId' | 'attempt' | 'durationMs'
    >()
  })
})
