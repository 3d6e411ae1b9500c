import type { MemoryChange } from '../memory/memory-store.ts'
import { memoryShapes } from '../memory/shapes.ts'
import type { FaultBook } from '../platform/faults.ts'
import type { World } from '../world/world.ts'
import { type Opening, ServedConnection } from './connection.ts'

/** The open sockets and streams of MCP Core, whatever they run on. */
export interface Hub {
  readonly world: World
  readonly faults: FaultBook
  /** All so far, closed ones too; may be emptied. */
  readonly all: ServedConnection[]
  readonly open: readonly ServedConnection[]
  add(opening: Pick<Opening, 'kind' | 'requestId' | 'peer'>): ServedConnection
  /** Tells the streams of a person what happened. */
  tell(userId: string, event: { readonly event: string; readonly data: unknown }): void
}

export function createHub(world: World, faults: FaultBook): Hub {
  const all: ServedConnection[] = []
  const open = new Set<ServedConnection>()
  let count = 0

  const hub: Hub = {
    world,
    faults,
    all,
    get open() {
      for (const connection of open) if (connection.end !== undefined) open.delete(connection)
      return [...open]
    },
    add(opening) {
      count += 1
      const { wait } = world.settings
      const openedAt = world.clock.now()
      const connection = new ServedConnection({ ...opening, id: count, openedAt, wait })
      all.push(connection)
      open.add(connection)
      return connection
    },
    tell(userId, event) {
      for (const connection of hub.open) {
        if (connection.kind === 'stream' && connection.owner?.userId === userId) {
          void connection.push(event)
        }
      }
    },
  }
  const { record } = memoryShapes(world.settings.generation)
  world.memories.watch(({ type, memory }: MemoryChange) => {
    const data = type === 'deleted' ? { id: memory.id } : record(memory)
    hub.tell(memory.userId, { event: `memory.${type}`, data })
  })
  return hub
}
