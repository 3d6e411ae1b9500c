import { type ApiKeyRecord, inspectApiKey } from '@lanonasis/auth-client'
import { useId, useState } from 'react'

interface Props {
  /** What a key may belong to. */
  readonly keys: readonly ApiKeyRecord[]
  /** The key that it should be, where it is at hand. */
  readonly whole?: string
}

/**
 * Says whether a pasted text has the form of a full key. Nothing is sent, so nobody is asked whether its
 * secret is the right one, except where the key itself is at hand.
 */
export function CheckKey(props: Props) {
  const { whole } = props
  const [text, setText] = useState('')
  const field = useId()
  const answer = useId()
  const found = text === '' ? undefined : judge(text, props)

  return (
    <div className="check">
      <label htmlFor={field}>
        {whole ? 'Paste it here to check your copy' : 'Check the form of a key'}
      </label>
      <input
        id={field}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={whole ? undefined : 'Paste a key. It does not leave this page.'}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={found?.good === false}
        aria-describedby={answer}
      />
      <p id={answer} role="status" className={found && `notice ${found.good ? 'good' : 'warning'}`}>
        {found?.text}
      </p>
    </div>
  )
}

function judge(text: string, { keys, whole }: Props): { good: boolean; text: string } {
  const found = inspectApiKey(text)
  if (!found.ok) return { good: false, text: found.hint }
  if (whole !== undefined) {
    return text === whole
      ? { good: true, text: 'This is the full key.' }
      : { good: false, text: 'This is another key, or a part is missing.' }
  }
  const record = keys.find(({ publicId }) => publicId === found.publicId)
  if (record === undefined)
    return { good: false, text: 'It has the form of a full key, and is none of yours.' }
  if (!record.active)
    return { good: false, text: `It begins as “${record.name}”, which is revoked.` }
  return {
    good: true,
    text: `It has the form of a full key, and begins as “${record.name}”. Its secret was not checked.`,
  }
}
