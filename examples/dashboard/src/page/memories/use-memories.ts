import { isAuthError, type Memory } from '@lanonasis/auth-client'
import { useEffect, useRef, useState } from 'react'
import { client } from '../client.ts'
import { oneAtATime } from '../parts/one-at-a-time.ts'
import { stoppable } from '../parts/stoppable.ts'

interface Found {
  readonly items: readonly Memory[]
  readonly total: number | undefined
  readonly hasMore: boolean
}

/**
 * The memories that fit, as they are now: read again after each change, whoever made it, and whenever
 * the stream of events opens, because what happened without it is told by nobody.
 */
export function useMemories(query: string, limit: number) {
  const [found, setFound] = useState<Found>()
  const [live, setLive] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  /** Reads what is looked for by now. */
  const reload = useRef(async () => {})

  useEffect(() => {
    const { signal, abort } = stoppable()
    // A tool may write a hundred memories in a second.
    const read = oneAtATime(async () => {
      try {
        const page = { limit, signal }
        const { items, total, hasMore } = await (query === ''
          ? client.memory.list(page)
          : client.memory.search({ ...page, query }))
        setFound({ items, total, hasMore })
        setProblem(undefined)
      } catch (error) {
        if (!isAuthError(error, 'aborted')) setProblem(error)
      }
    })
    reload.current = read
    read()
    return abort
  }, [query, limit])

  useEffect(() => {
    const { signal, abort } = stoppable()
    const listen = async () => {
      const onState = ({ type }: { readonly type: string }) => {
        setLive(type === 'open')
        if (type === 'open') reload.current()
      }
      for await (const { type } of client.mcp.events({ signal, onState })) {
        if (type.startsWith('memory.')) reload.current()
      }
    }
    listen().catch((error) => {
      setLive(false)
      if (!isAuthError(error, 'aborted')) setProblem(error)
    })
    return abort
  }, [])

  return { ...found, live, problem }
}
