import { inspectApiKey } from '@lanonasis/auth-client'
import { useEffect, useState } from 'react'

interface Part {
  readonly how: 'selected' | 'copied'
  readonly hint: string
}

/**
 * Warns while a person takes less than the full key: mostly the `pk_` half, which a double click selects.
 * A copy is warned of until another one.
 *
 * @param whole the key that is shown, where one is
 */
export function PartWarning({ whole }: { readonly whole?: string }) {
  const [part, setPart] = useState<Part>()

  useEffect(() => {
    const look = ({ type }: Event) => {
      const taken = String(getSelection()).trim()
      const hint = hintOn(taken, whole)
      const how = type === 'copy' ? 'copied' : 'selected'
      setPart((before) => {
        if (hint !== undefined) return before?.how === 'copied' ? before : { how, hint }
        return how === 'selected' && before?.how === 'copied' ? before : undefined
      })
    }
    document.addEventListener('selectionchange', look)
    document.addEventListener('copy', look)
    return () => {
      document.removeEventListener('selectionchange', look)
      document.removeEventListener('copy', look)
    }
  }, [whole])

  if (part === undefined) return null
  return (
    <p className="notice warning part" role="alert">
      <strong>You have {part.how} only a part of the key.</strong> {part.hint}
    </p>
  )
}

/** @returns what is missing; `undefined`: it is the whole key, or nothing of one */
function hintOn(taken: string, whole: string | undefined): string | undefined {
  const found = inspectApiKey(taken)
  if (!found.ok && found.reason.endsWith('_half_only')) return found.hint
  const isPart = taken !== '' && taken !== whole && whole?.includes(taken)
  return isPart ? 'A part of it is missing. Copy all of it.' : undefined
}
