import type { Memory } from '@lanonasis/auth-client'
import { client } from '../client.ts'
import { FormDialog } from '../parts/form-dialog.tsx'

const types = ['context', 'project', 'knowledge', 'reference', 'personal', 'workflow']

interface Props {
  readonly onClose: () => void
  readonly onCreated: (memory: Memory) => void
}

export function NewMemory({ onClose, onCreated }: Props) {
  return (
    <FormDialog
      title="New memory"
      action="Store memory"
      onClose={onClose}
      onSubmit={async (fields) => {
        const text = (name: string) => String(fields.get(name)).trim()
        onCreated(
          await client.memory.create({
            title: text('title'),
            content: text('content'),
            type: text('type'),
            tags: text('tags')
              .split(/[\s,]+/)
              .filter(Boolean),
          }),
        )
      }}
    >
      <label>
        Title
        <input name="title" required maxLength={200} autoComplete="off" />
      </label>
      <label>
        Content
        <textarea name="content" required rows={5} />
      </label>
      <div className="pair">
        <label>
          Type
          <select name="type">
            {types.map((type) => (
              <option key={type}>{type}</option>
            ))}
          </select>
        </label>
        <label>
          Tags
          <input name="tags" autoComplete="off" placeholder="api, notes" />
        </label>
      </div>
    </FormDialog>
  )
}
