/** The platform's clock: the base clock plus what was advanced. */
export interface PlatformClock {
  /** Epoch milliseconds. */
  now(): number
  /** Lets time pass for the platform, and for nobody else. */
  advance(ms: number): void
}

export function createClock(base: () => number): PlatformClock {
  let advanced = 0
  return {
    now: () => base() + advanced,
    advance(ms) {
      advanced += ms
    },
  }
}
