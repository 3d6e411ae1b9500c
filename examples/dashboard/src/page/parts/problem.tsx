import { isAuthError } from '@lanonasis/auth-client'
import type { ReactNode } from 'react'

interface Props {
  readonly of: unknown
  /** What it means for the person, where only the page knows. */
  readonly children?: ReactNode
}

/** What went wrong and what to do, in the library's words. */
export function Problem({ of: error, children }: Props) {
  if (error === undefined || isAuthError(error, 'aborted')) return null
  return (
    <div className="notice problem" role="alert">
      {children && <p>{children}</p>}
      <strong>{error instanceof Error ? error.message : 'Something went wrong.'}</strong>
      {isAuthError(error) && <span> {error.hint}</span>}
    </div>
  )
}
