import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'

interface Props {
  readonly title: string
  readonly onClose: () => void
  /** Not closed by Escape, because what it shows is shown this once. */
  readonly stays?: boolean
  readonly children: ReactNode
}

/** A modal dialog: the browser keeps the focus in it, and gives it back afterwards. */
export function Dialog({ title, onClose, stays = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])

  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        if (!stays) onClose()
      }}
      // Chromium stops asking: Escape, pressed again and again, closes it whatever the page says.
      onClose={({ currentTarget }) => {
        if (currentTarget.open) return
        if (stays) currentTarget.showModal()
        else onClose()
      }}
    >
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  )
}
