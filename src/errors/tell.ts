/**
 * Calls a listener of the application. What it throws is its own mistake: reported as such, by the platform,
 * without disturbing what was going on here.
 */
export function tell<Said extends readonly unknown[]>(
  listener: (...said: Said) => void,
  ...said: Said
): void {
  try {
    listener(...said)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
