import type { Memory } from '@lanonasis/auth-client'
import { Day } from '../parts/day.tsx'

interface Props {
  readonly memory: Memory
  readonly onDelete: () => void
}

export function MemoryRow({ memory, onDelete }: Props) {
  const { title, content, type, tags, createdAt } = memory
  return (
    <li>
      <div className="what">
        <h3>{title}</h3>
        {content !== '' && <p className="excerpt">{content}</p>}
        <p className="facts">
          <span className="badge">{type}</span>
          {tags.map((tag) => (
            <span key={tag}>#{tag}</span>
          ))}
          {createdAt && <Day of={createdAt} />}
        </p>
      </div>
      <div className="buttons">
        <button type="button" aria-label={`Delete ${title}`} onClick={onDelete}>
          Delete
        </button>
      </div>
    </li>
  )
}
