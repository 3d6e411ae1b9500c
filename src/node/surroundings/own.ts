// Loaded when a flow has to know: where this process runs.
import type { FlowAvailability } from '../../login/flow.ts'
import { browserHere } from './browser.ts'
import { ownFacts } from './facts.ts'
import { detectSurroundings, type Surroundings } from './surroundings.ts'

/** Where this process runs. */
export function ownSurroundings(): Surroundings {
  return detectSurroundings(ownFacts())
}

/** Whether this process can open a browser that comes back to it. */
export function browserAtHand(): FlowAvailability {
  return browserHere(ownSurroundings())
}
