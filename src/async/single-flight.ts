/**
 * Runs `work` once for all who ask while it is under way. Each caller gets the same promise, that of
 * the first one's arguments; the next call after it settled starts anew.
 */
export function singleFlight<Args extends unknown[], T>(
  work: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  let flight: Promise<T> | undefined
  return (...args) => {
    if (flight !== undefined) return flight
    const started = work(...args).finally(() => {
      // Only our own flight: a later one may have begun by now.
      if (flight === started) flight = undefined
    })
    flight = started
    return started
  }
}
