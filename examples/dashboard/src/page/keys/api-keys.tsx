import type { ApiKeyRecord } from '@lanonasis/auth-client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { client } from '../client.ts'
import { useAnnounce } from '../parts/announce.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { useTask } from '../parts/use-task.ts'
import { CheckKey } from './check-key.tsx'
import { type FreshKey, useKeyOnShow } from './key-on-show.tsx'
import { KeyRow } from './key-row.tsx'
import { NewKey } from './new-key.tsx'
import { PartWarning } from './part-warning.tsx'
import { RotateKey } from './rotate-key.tsx'

/** What the person is asked. */
type Asked =
  | { readonly what: 'new' }
  | { readonly what: 'rotate' | 'revoke'; readonly record: ApiKeyRecord }

export function ApiKeys() {
  const [keys, setKeys] = useState<readonly ApiKeyRecord[]>()
  const [asked, setAsked] = useState<Asked>()
  const { run, problem } = useTask()
  const announce = useAnnounce()
  const { fresh, show } = useKeyOnShow()
  const heading = useRef<HTMLHeadingElement>(null)

  const load = useCallback(() => run(async () => setKeys(await client.apiKeys.list())), [run])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a key that is shown is new, and where it is closed an old one has ended
  useEffect(() => void load(), [load, fresh])
  const close = () => setAsked(undefined)
  const closeAndShow = (key: FreshKey) => {
    close()
    show(key)
  }

  return (
    <section className="card" aria-labelledby="keys">
      <div className="head">
        <h2 id="keys" ref={heading} tabIndex={-1}>
          API keys
        </h2>
        <button type="button" className="primary" onClick={() => setAsked({ what: 'new' })}>
          New key
        </button>
      </div>
      <Problem of={problem} />
      {fresh === undefined && <PartWarning />}
      {keys?.length === 0 && (
        <div className="empty">
          <strong>No keys yet</strong>
          <p>A key lets a program of yours call Lanonasis without you.</p>
        </div>
      )}
      {keys === undefined && problem === undefined && <p className="loading">Loading …</p>}
      <ul className="rows">
        {keys?.map((record) => (
          <KeyRow key={record.id} record={record} onAsk={(what) => setAsked({ what, record })} />
        ))}
      </ul>
      <CheckKey keys={keys ?? []} />

      {asked?.what === 'new' && (
        <NewKey onClose={close} onCreated={(created) => closeAndShow({ created })} />
      )}
      {asked?.what === 'rotate' && (
        <RotateKey
          record={asked.record}
          onClose={close}
          onFailed={load}
          onRotated={(rotated) => {
            // The row's button goes with the old key: the focus comes back to the heading.
            flushSync(close)
            heading.current?.focus()
            if (rotated) show(rotated)
          }}
        />
      )}
      {asked?.what === 'revoke' && (
        <FormDialog
          title={`Revoke “${asked.record.name}”?`}
          action="Revoke key"
          danger
          onClose={close}
          onSubmit={async () => {
            await client.apiKeys.revoke(asked.record.id)
            await load()
            // The row's button is gone, to which the focus would go back.
            flushSync(close)
            heading.current?.focus()
            announce(`“${asked.record.name}” is revoked.`)
          }}
        >
          <p>Every program that uses this key is refused from now on. It cannot be undone.</p>
        </FormDialog>
      )}
    </section>
  )
}
