import type { CreatedApiKey } from '@lanonasis/auth-client'
import { client } from '../client.ts'
import { FormDialog } from '../parts/form-dialog.tsx'

interface Props {
  readonly onClose: () => void
  readonly onCreated: (created: CreatedApiKey) => void
}

export function NewKey({ onClose, onCreated }: Props) {
  return (
    <FormDialog
      title="New API key"
      action="Create key"
      onClose={onClose}
      onSubmit={async (fields) => {
        const days = Number(fields.get('days'))
        onCreated(
          await client.apiKeys.create({
            name: String(fields.get('name')),
            accessLevel: String(fields.get('level')),
            ...(days > 0 ? { expiresInDays: days } : {}),
          }),
        )
      }}
    >
      <label>
        Name
        <input
          name="name"
          required
          maxLength={60}
          autoComplete="off"
          aria-describedby="name-hint"
        />
      </label>
      <p id="name-hint" className="hint">
        Say which machine or program it is for.
      </p>
      <div className="pair">
        <label>
          Access
          <select name="level" defaultValue="authenticated">
            <option value="public">Read only</option>
            <option value="authenticated">Read and write</option>
          </select>
        </label>
        <label>
          Expires
          <select name="days" defaultValue="90">
            <option value="30">in 30 days</option>
            <option value="90">in 90 days</option>
            <option value="365">in a year</option>
            <option value="0">never</option>
          </select>
        </label>
      </div>
    </FormDialog>
  )
}
