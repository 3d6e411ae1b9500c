import { useEffect, useRef } from 'react'
import { client } from './client.ts'
import { Logo } from './parts/logo.tsx'
import { Problem } from './parts/problem.tsx'
import { useTask } from './parts/use-task.ts'

interface Props {
  readonly expired: boolean
  /** After a sign-out: why the server did not confirm it, or nothing. */
  readonly farewell: string | undefined
  /** Why the sign-in that brought the person back has failed. */
  readonly problem: unknown
}

export function SignIn({ expired, farewell, problem }: Props) {
  const { run, busy, problem: refusal } = useTask()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // The button that was pressed is gone.
    if (farewell !== undefined) heading.current?.focus()
  }, [farewell])

  return (
    <section className="card sign-in">
      <Logo />
      <h1 ref={heading} tabIndex={-1}>
        {expired ? 'Your session has ended' : 'Sign in to your dashboard'}
      </h1>
      <p>
        {expired
          ? 'Sign in again to go on where you were.'
          : 'Manage your API keys and the memories of your tools.'}
      </p>
      {farewell !== undefined && (
        <p className="notice" role="status">
          You are signed out in every tab of this browser. {farewell}
        </p>
      )}
      <Problem of={refusal ?? problem} />
      <button
        type="button"
        className="primary wide"
        disabled={busy}
        onClick={() => run(async () => void (await client.login()))}
      >
        {busy ? 'Taking you there …' : 'Continue with Lanonasis'}
      </button>
      <p className="hint">You enter your password at Lanonasis, and this page never sees it.</p>
    </section>
  )
}
