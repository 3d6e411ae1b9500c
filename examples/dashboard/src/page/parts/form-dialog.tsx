import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'
import { useAskBeforeLeaving } from './use-ask-before-leaving.ts'
import { useTask } from './use-task.ts'

interface Props {
  readonly title: string
  /** What the button says. */
  readonly action: string
  readonly danger?: boolean
  readonly onClose: () => void
  /** Does it; where it fails, the dialog stays and says why. */
  readonly onSubmit: (fields: FormData) => Promise<void>
  /** What a failure means for the person. */
  readonly whatFailed?: ReactNode
  readonly children: ReactNode
}

/** A dialog that asks for something, or only whether. */
export function FormDialog(props: Props) {
  const { title, action, danger = false, onClose, onSubmit, whatFailed, children } = props
  const { run, busy, problem } = useTask()
  // The answer may be a key that nobody can show again.
  useAskBeforeLeaving(busy)
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const fields = new FormData(event.currentTarget)
          run(() => onSubmit(fields))
        }}
      >
        {children}
        <Problem of={problem}>{whatFailed}</Problem>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={danger ? 'danger' : 'primary'} disabled={busy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
