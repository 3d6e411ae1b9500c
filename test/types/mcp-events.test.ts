import type {
  EventFields,
  EventsState,
  LanonasisClient,
  McpEvent,
  MemoryEvent,
} from '@lanonasis/auth-client'
import { describe, expectTypeOf, it } from 'vitest'

describe('an event of client.mcp.events', () => {
  it('is narrowed by its type, where this version knows it', () => {
    const show = (event: McpEvent) => {
      switch (event.type) {
        case 'memory.created':
          expectTypeOf(event).toEqualTypeOf<MemoryEvent>()
          return event.data.id
        case 'message':
          expectTypeOf(event.data).toEqualTypeOf<EventFields>()
          return event.data.method
        case 'tool_result':
          return event.data.result
        default:
          return event.data
      }
    }
    expectTypeOf(show).returns.toBeUnknown()
  })

  it('of another type has a name that is a text, and data to be looked at', () => {
    const show = (event: McpEvent) => {
      if (event.type === 'memory.deleted') return ''
      expectTypeOf(event).toExtend<{ readonly type: string; readonly data: unknown }>()
      const name: string = event.type
      // @ts-expect-error -- neither a name that is known, nor one that the caller gave
      if (event.type === 'memory.craeted') return ''
      return name
    }
    expectTypeOf(show).returns.toBeString()
  })

  it('may be of a type that the caller names', () => {
    const listen = async (client: LanonasisClient) => {
      for await (const event of client.mcp.events<'team.joined'>()) {
        if (event.type === 'team.joined') expectTypeOf(event.data).toBeUnknown()
        if (event.type === 'memory.created') expectTypeOf(event.data).toEqualTypeOf<EventFields>()
      }
      for await (const { type } of client.mcp.events({ signal: AbortSignal.timeout(1) })) {
        expectTypeOf(type).toExtend<string>()
      }
    }
    expectTypeOf(listen).toBeFunction()
  })

  it('comes while the state is open, and is waited for with a reason otherwise', () => {
    const show = (state: EventsState) => (state.type === 'waiting' ? state.error?.code : state.type)
    expectTypeOf(show).toBeFunction()
  })
})
