/**
 * Work of which one is under way at most. However often it is asked for meanwhile, it is done once more
 * afterwards.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let isBusy = false
  let again = false
  return async () => {
    again = true
    if (isBusy) return
    isBusy = true
    try {
      while (again) {
        again = false
        await work()
      }
    } finally {
      isBusy = false
    }
  }
}
