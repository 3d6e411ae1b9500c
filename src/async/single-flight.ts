/**
 * Runs `work` once for all who ask while it is under way. Each caller gets the same promise; the next
 * call after it settled starts anew.
 */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined
  return () => {
    if (flight !== undefined) return flight
    const started = work().finally(() => {
      // Only our own flight: a later one may have begun by now.
      if (flight === started) flight = undefined
    })
    flight = started
    return started
  }
}
