/** A signal, and what stops the work that has it: what an effect gives back. */
export function stoppable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
