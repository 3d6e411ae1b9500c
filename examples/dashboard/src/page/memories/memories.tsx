import type { Memory } from '@lanonasis/auth-client'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { client } from '../client.ts'
import { useAnnounce } from '../parts/announce.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { useSettled } from '../parts/use-settled.ts'
import { MemoryRow } from './memory-row.tsx'
import { NewMemory } from './new-memory.tsx'
import { useMemories } from './use-memories.ts'

const pageSize = 20

export function Memories() {
  const [text, setText] = useState('')
  const query = useSettled(text.trim())
  const [limit, setLimit] = useState(pageSize)
  const { items, total, hasMore, live, problem } = useMemories(query, limit)
  const [shown, setShown] = useState<'new' | Memory>()
  const announce = useAnnounce()
  const heading = useRef<HTMLHeadingElement>(null)
  const close = () => setShown(undefined)

  return (
    <section className="card" aria-labelledby="memories">
      <div className="head">
        <h2 id="memories" ref={heading} tabIndex={-1}>
          Memories
        </h2>
        <span className={live ? 'live on' : 'live'} role="status">
          {live ? 'Live' : 'Connecting …'}
        </span>
        <button type="button" className="primary" onClick={() => setShown('new')}>
          New memory
        </button>
      </div>
      <search>
        <input
          type="search"
          aria-label="Search memories"
          placeholder="Search memories"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </search>
      <Problem of={problem} />
      {items?.length === 0 && (
        <div className="empty">
          <strong>{query === '' ? 'No memories yet' : 'Nothing found'}</strong>
          <p>
            {query === ''
              ? 'What your tools store appears here by itself.'
              : `No memory fits “${query}”.`}
          </p>
        </div>
      )}
      {items === undefined && problem === undefined && <p className="loading">Loading …</p>}
      <ul className="rows">
        {items?.map((memory) => (
          <MemoryRow key={memory.id} memory={memory} onDelete={() => setShown(memory)} />
        ))}
      </ul>
      {items && items.length > 0 && (
        <div className="foot">
          <span role="status">
            {items.length} of {total ?? 'many'}
          </span>
          {hasMore && (
            <button type="button" onClick={() => setLimit(limit + pageSize)}>
              Show more
            </button>
          )}
        </div>
      )}

      {shown === 'new' && (
        <NewMemory
          onClose={close}
          onCreated={({ title }) => {
            close()
            announce(`“${title}” is stored.`)
          }}
        />
      )}
      {typeof shown === 'object' && (
        <FormDialog
          title={`Delete “${shown.title}”?`}
          action="Delete memory"
          danger
          onClose={close}
          onSubmit={async () => {
            await client.memory.delete(shown.id)
            // The row goes, and with it the button to which the focus would go back.
            flushSync(close)
            heading.current?.focus()
            announce(`“${shown.title}” is deleted.`)
          }}
        >
          <p>Your tools forget it. It cannot be undone.</p>
        </FormDialog>
      )}
    </section>
  )
}
