import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'
import { useTask } from './use-task.ts'

interface Props {
  readonly title: string
  /** What the button says. */
  readonly action: string
  readonly danger?: boolean
  readonly onClose: () => void
  /** Does it; where it fails, the dialog stays and says why. */
  readonly onSubmit: (fields: FormData) => Promise<void>
  readonly children: ReactNode
}

/** A dialog that asks for something, or only whether. */
export function FormDialog({ title, action, danger = false, onClose, onSubmit, children }: Props) {
  const { run, busy, problem } = useTask()
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
        <Problem of={problem} />
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
