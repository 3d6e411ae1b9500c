import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react'

const Announce = createContext<(text: string) => void>(() => {})

/** Says something that has happened, to the eye and to a screen reader. */
export const useAnnounce = () => use(Announce)

export function Announcements({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState({ text: '' })
  const announce = useCallback((text: string) => setSaid({ text }), [])
  useEffect(() => {
    if (said.text === '') return
    const timer = setTimeout(() => setSaid({ text: '' }), 6_000)
    return () => clearTimeout(timer)
  }, [said])

  return (
    <Announce value={announce}>
      {children}
      <p className="toast" role="status">
        {said.text}
      </p>
    </Announce>
  )
}
