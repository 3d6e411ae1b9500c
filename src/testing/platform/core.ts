import { createHub, type Hub } from '../realtime/hub.ts'
import { createWorld, type World } from '../world/world.ts'
import { createClock } from './clock.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { createFaultBook, type FaultBook } from './faults.ts'
import type { PlatformSettings } from './options.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'

/** A platform that nobody can reach yet. */
export interface PlatformCore {
  readonly world: World
  readonly log: RequestLog
  readonly faults: FaultBook
  readonly hub: Hub
  readonly dispatch: Dispatch
}

export function createCore(settings: PlatformSettings): PlatformCore {
  const clock = createClock(settings.now)
  const world = createWorld(settings, clock)
  const log = createRequestLog(clock.now)
  const faults = createFaultBook(settings.faults)
  const hub = createHub(world, faults)
  return { world, log, faults, hub, dispatch: createDispatch({ world, log, faults, hub }) }
}
