import type { ApiKeyRecord } from '@lanonasis/auth-client'
import { Day } from '../parts/day.tsx'

interface Props {
  readonly record: ApiKeyRecord
  readonly onAsk: (what: 'rotate' | 'revoke') => void
}

export function KeyRow({ record, onAsk }: Props) {
  const { name, active, publicId, createdAt, expiresAt } = record
  return (
    <li>
      <div className="what">
        <h3>
          {name}{' '}
          <span className={active ? 'badge good' : 'badge'}>{active ? 'Active' : 'Revoked'}</span>
        </h3>
        {publicId && <code>{publicId}</code>}
        <p className="facts">
          {createdAt && (
            <span>
              Created <Day of={createdAt} />
            </span>
          )}
          {expiresAt ? (
            <span>
              Expires <Day of={expiresAt} />
            </span>
          ) : (
            <span>Does not expire</span>
          )}
        </p>
      </div>
      {active && (
        <div className="buttons">
          <button type="button" aria-label={`Rotate ${name}`} onClick={() => onAsk('rotate')}>
            Rotate
          </button>
          <button type="button" aria-label={`Revoke ${name}`} onClick={() => onAsk('revoke')}>
            Revoke
          </button>
        </div>
      )}
    </li>
  )
}
