import type { ApiKeyRecord } from '@lanonasis/auth-client'
import { FormDialog } from '../parts/form-dialog.tsx'
import { beginRotation } from './begin-rotation.ts'
import type { FreshKey } from './key-on-show.tsx'

interface Props {
  readonly record: ApiKeyRecord
  readonly onClose: () => void
  /** `undefined`: the library keeps the new key itself. */
  readonly onRotated: (fresh: FreshKey | undefined) => void
  /** Something may have been made all the same. */
  readonly onFailed: () => void
}

export function RotateKey({ record, onClose, onRotated, onFailed }: Props) {
  const { name } = record
  return (
    <FormDialog
      title={`Rotate “${name}”?`}
      action="Rotate key"
      onClose={onClose}
      onSubmit={async () => {
        try {
          onRotated(await beginRotation(record))
        } catch (error) {
          onFailed()
          throw error
        }
      }}
      whatFailed={
        <>
          <strong>“{name}” was not changed.</strong> If a new key is in the list that you have not
          seen, nobody has its secret: revoke it.
        </>
      }
    >
      <p>
        You get a new key. The old one works <strong>until you have stored the new one</strong>.
      </p>
    </FormDialog>
  )
}
