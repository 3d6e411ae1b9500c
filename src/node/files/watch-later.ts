/** Watches what is not loaded yet. @returns how to stop */
export function watchLater<T>(
  load: () => Promise<T>,
  watch: (loaded: T) => () => void,
): () => void {
  let stop: (() => void) | undefined = () => {}
  load().then(
    (loaded) => {
      if (stop !== undefined) stop = watch(loaded)
    },
    // Who reads or writes meets the same failure, and reports it.
    () => {},
  )
  return () => {
    stop?.()
    stop = undefined
  }
}
