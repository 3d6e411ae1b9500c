import { isAuthError } from '@lanonasis/auth-client'

/** What went wrong and what to do, in the library's words. */
export function Problem({ of: error }: { readonly of: unknown }) {
  if (error === undefined || isAuthError(error, 'aborted')) return null
  return (
    <div className="notice problem" role="alert">
      <strong>{error instanceof Error ? error.message : 'Something went wrong.'}</strong>
      {isAuthError(error) && <span> {error.hint}</span>}
    </div>
  )
}
