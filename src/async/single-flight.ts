/**
 * Runs `work` once for all who ask while it is under way. Each caller gets the same promise, that of
 * the first one's arguments; the next call after it settled starts anew.
 *
 * @param joins whether what is under way with these arguments serves a caller with others; who is not served
 * starts another one, which later callers join
 */
export function singleFlight<Args extends unknown[], T>(
  work: (...args: Args) => Promise<T>,
  joins: (underWay: Args, asked: Args) => boolean = () => true,
): (...args: Args) => Promise<T> {
  let flight: { readonly args: Args; readonly result: Promise<T> } | undefined
  return (...args) => {
    if (flight !== undefined && joins(flight.args, args)) return flight.result
    const result = work(...args).finally(() => {
      // Only our own flight: a later one may have begun by now.
      if (flight === started) flight = undefined
    })
    const started = { args, result }
    flight = started
    return result
  }
}
