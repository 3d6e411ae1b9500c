import { useRef, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { useTask } from '../parts/use-task.ts'
import { CheckKey } from './check-key.tsx'
import type { FreshKey } from './key-on-show.tsx'
import { PartWarning } from './part-warning.tsx'

interface Props extends FreshKey {
  readonly onClose: () => void
}

/** A new key. The library has put `key_id` and `key_secret` together: `key` is the full string. */
export function ShownOnce({ created, old, onClose }: Props) {
  const { key, name } = created
  // A key of an older form has one part, which a double click selects as a whole.
  const [start, secret] = key.split(/(?=\.)/)
  const [copied, setCopied] = useState<boolean>()
  const text = useRef<HTMLElement>(null)
  const { run, busy, problem } = useTask()
  const isOver = problem !== undefined
  const end = () =>
    run(async () => {
      await old?.end()
      onClose()
    })

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(key)
      setCopied(true)
    } catch {
      if (text.current) getSelection()?.selectAllChildren(text.current)
      setCopied(false)
    }
  }

  return (
    <Dialog title="Copy your key now" onClose={onClose} stays>
      <p>
        This is the only time the key of <strong>{name}</strong> is shown. Nobody can show it again.
      </p>
      {old && !isOver && (
        <p>
          The old key, <strong>{old.name}</strong>, works until you close this.
        </p>
      )}
      <div className="key">
        <code ref={text}>
          <span>{start}</span>
          {secret && (
            <>
              <wbr />
              <span>{secret}</span>
            </>
          )}
        </code>
        <button type="button" className="primary" onClick={copy}>
          {copied ? 'Copied' : 'Copy full key'}
        </button>
      </div>
      <p className="hint" role="status">
        {copied === true && 'The full key is on your clipboard.'}
        {copied === false &&
          'The browser does not let this page copy. The full key is selected: copy it.'}
      </p>
      <PartWarning whole={key} />
      <CheckKey keys={[created]} whole={key} />
      <Problem of={problem}>
        <strong>The old key, “{old?.name}”, could not be revoked and may still work.</strong> Revoke
        it in the list of keys.
      </Problem>
      <div className="actions">
        <button type="button" onClick={isOver ? onClose : end} disabled={busy}>
          {isOver ? 'Close' : copied ? 'Done' : 'I have stored it'}
        </button>
      </div>
    </Dialog>
  )
}
