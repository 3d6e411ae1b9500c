import type { ApiKeyRecord, CreatedApiKey } from '@lanonasis/auth-client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { client } from '../client.ts'
import { useAnnounce } from '../parts/announce.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { useTask } from '../parts/use-task.ts'
import { CheckKey } from './check-key.tsx'
import { KeyRow } from './key-row.tsx'
import { NewKey } from './new-key.tsx'
import { PartWarning } from './part-warning.tsx'
import { ShownOnce } from './shown-once.tsx'

/** What the person is asked or shown. */
type Shown =
  | { readonly what: 'new' }
  | { readonly what: 'rotate' | 'revoke'; readonly record: ApiKeyRecord }
  | { readonly what: 'key'; readonly created: CreatedApiKey }

export function ApiKeys() {
  const [keys, setKeys] = useState<readonly ApiKeyRecord[]>()
  const [shown, setShown] = useState<Shown>()
  const { run, problem } = useTask()
  const announce = useAnnounce()
  const heading = useRef<HTMLHeadingElement>(null)

  const load = useCallback(() => run(async () => setKeys(await client.apiKeys.list())), [run])
  useEffect(() => void load(), [load])
  const close = () => setShown(undefined)
  const show = (created: CreatedApiKey) => {
    setShown({ what: 'key', created })
    load()
  }

  return (
    <section className="card" aria-labelledby="keys">
      <div className="head">
        <h2 id="keys" ref={heading} tabIndex={-1}>
          API keys
        </h2>
        <button type="button" className="primary" onClick={() => setShown({ what: 'new' })}>
          New key
        </button>
      </div>
      <Problem of={problem} />
      {shown?.what !== 'key' && <PartWarning />}
      {keys?.length === 0 && (
        <div className="empty">
          <strong>No keys yet</strong>
          <p>A key lets a program of yours call Lanonasis without you.</p>
        </div>
      )}
      {keys === undefined && problem === undefined && <p className="loading">Loading …</p>}
      <ul className="rows">
        {keys?.map((record) => (
          <KeyRow key={record.id} record={record} onAsk={(what) => setShown({ what, record })} />
        ))}
      </ul>
      <CheckKey keys={keys ?? []} />

      {shown?.what === 'new' && <NewKey onClose={close} onCreated={show} />}
      {shown?.what === 'rotate' && (
        <FormDialog
          title={`Rotate “${shown.record.name}”?`}
          action="Rotate key"
          onClose={close}
          onSubmit={async () => {
            const rotated = await client.apiKeys.rotate(shown.record.id)
            if ('key' in rotated) show(rotated)
          }}
        >
          <p>
            You get a new secret, and the old one stops working <strong>at once</strong>.
          </p>
        </FormDialog>
      )}
      {shown?.what === 'revoke' && (
        <FormDialog
          title={`Revoke “${shown.record.name}”?`}
          action="Revoke key"
          danger
          onClose={close}
          onSubmit={async () => {
            await client.apiKeys.revoke(shown.record.id)
            await load()
            // The row's button is gone, to which the focus would go back.
            flushSync(close)
            heading.current?.focus()
            announce(`“${shown.record.name}” is revoked.`)
          }}
        >
          <p>Every program that uses this key is refused from now on. It cannot be undone.</p>
        </FormDialog>
      )}
      {shown?.what === 'key' && <ShownOnce created={shown.created} onClose={close} />}
    </section>
  )
}
