import type { Departure } from '../../src/login/flow.ts'

const nowhere = () => Promise.reject(new Error('This flow does not leave the program.'))

/** For flows that stay in the program. */
export const noDeparture: Departure = {
  account: 'nobody',
  start: nowhere,
  leave: () => {},
  finish: nowhere,
}
