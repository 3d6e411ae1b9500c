import { isAuthError, type Memory } from '@lanonasis/auth-client'
import { useCallback, useEffect, useState } from 'react'
import { client } from '../client.ts'

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
  const [version, setVersion] = useState(0)
  const reload = useCallback(() => setVersion((before) => before + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is read again
  useEffect(() => {
    const { signal, abort } = stoppable()
    const read = async () => {
      const page = { limit, signal }
      const { items, total, hasMore } = await (query === ''
        ? client.memory.list(page)
        : client.memory.search({ ...page, query }))
      setFound({ items, total, hasMore })
      setProblem(undefined)
    }
    read().catch((error) => isAuthError(error, 'aborted') || setProblem(error))
    return abort
  }, [query, limit, version])

  useEffect(() => {
    const { signal, abort } = stoppable()
    const listen = async () => {
      const onState = ({ type }: { readonly type: string }) => {
        setLive(type === 'open')
        if (type === 'open') reload()
      }
      for await (const { type } of client.mcp.events({ signal, onState })) {
        if (type.startsWith('memory.')) reload()
      }
    }
    listen().catch((error) => {
      setLive(false)
      if (!isAuthError(error, 'aborted')) setProblem(error)
    })
    return abort
  }, [reload])

  return { ...found, live, problem }
}

function stoppable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
