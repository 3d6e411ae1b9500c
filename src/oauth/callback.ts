/** Whether a callback is the answer to this request: it carries its state, exactly once (RFC 6749 §10.12). */
export function carriesState(callback: URL, state: string): boolean {
  const states = callback.searchParams.getAll('state')
  return states.length === 1 && states[0] === state
}
