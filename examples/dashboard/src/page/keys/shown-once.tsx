import type { CreatedApiKey } from '@lanonasis/auth-client'
import { useRef, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { CheckKey } from './check-key.tsx'
import { PartWarning } from './part-warning.tsx'

interface Props {
  readonly created: CreatedApiKey
  readonly onClose: () => void
}

/** A new key. The library has put `key_id` and `key_secret` together: `key` is the full string. */
export function ShownOnce({ created, onClose }: Props) {
  const { key, name, publicId } = created
  const [copied, setCopied] = useState<boolean>()
  const text = useRef<HTMLElement>(null)

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
      <div className="key">
        <code ref={text}>
          <span>{key.slice(0, publicId.length)}</span>
          <wbr />
          <span>{key.slice(publicId.length)}</span>
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
      <div className="actions">
        <button type="button" onClick={onClose}>
          {copied ? 'Done' : 'I have stored it'}
        </button>
      </div>
    </Dialog>
  )
}
