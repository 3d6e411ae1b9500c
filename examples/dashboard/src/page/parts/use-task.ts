import { useCallback, useState } from 'react'

/** Work that the person has started: whether it is under way, and why it failed. */
export function useTask() {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  const run = useCallback(async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }, [])
  return { run, busy, problem, setProblem }
}
