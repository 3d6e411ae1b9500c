/** A memory as the platform keeps it. */
export interface StoredMemory {
  /** A UUID. */
  readonly id: string
  /** Whose it is. */
  readonly userId: string
  /** Of its owner. */
  readonly organizationId: string | undefined
  /** One line. */
  readonly title: string
  /** The text. */
  readonly content: string
  /** Such as `context`. */
  readonly type: string
  /** In the order they were given. */
  readonly tags: readonly string[]
  /** As it was given. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Epoch ms, by the platform's clock. */
  readonly createdAt: number
  /** Epoch ms, by the platform's clock. */
  readonly updatedAt: number
  /** The key that made its creation safe to repeat. */
  readonly idempotencyKey: string | undefined
}

/** What a person sets in a memory. */
export interface MemoryFields {
  readonly title: string
  readonly content: string
  readonly type: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A selection of one person's memories, newest first. */
interface MemoryFilter {
  readonly type?: string | undefined
  /** Any of these tags. */
  readonly tags?: readonly string[] | undefined
  /** Words, all of which stand in the title, the content or a tag. */
  readonly text?: string | undefined
}

/** What happened to a memory. */
export interface MemoryChange {
  readonly type: 'created' | 'updated' | 'deleted'
  readonly memory: StoredMemory
}

export interface MemoryStore {
  readonly all: readonly StoredMemory[]
  /** Creates a memory, or gives the one that the same key created before. */
  create(
    owner: { readonly id: string; readonly organizationId: string | undefined },
    memory: MemoryFields & { readonly idempotencyKey?: string | undefined },
  ): StoredMemory
  select(userId: string, filter: MemoryFilter): readonly StoredMemory[]
  get(id: string, userId: string): StoredMemory | undefined
  update(memory: StoredMemory, changes: Partial<MemoryFields>): StoredMemory
  delete(memory: StoredMemory): void
  /** Tells of every change from now on. */
  watch(listener: (change: MemoryChange) => void): void
}

export function createMemoryStore(now: () => number): MemoryStore {
  const memories = new Map<string, StoredMemory>()

  const listeners: ((change: MemoryChange) => void)[] = []

  const tell = (change: MemoryChange) => {
    for (const listener of listeners) listener(change)
  }
  const owned = (userId: string) =>
    [...memories.values()].filter((memory) => memory.userId === userId)

  return {
    get all() {
      return [...memories.values()]
    },
    create(owner, { idempotencyKey, ...fields }) {
      const earlier =
        idempotencyKey === undefined
          ? undefined
          : owned(owner.id).find((memory) => memory.idempotencyKey === idempotencyKey)
      if (earlier !== undefined) return earlier
      const at = now()
      const memory: StoredMemory = {
        ...fields,
        id: crypto.randomUUID(),
        userId: owner.id,
        organizationId: owner.organizationId,
        createdAt: at,
        updatedAt: at,
        idempotencyKey,
      }
      memories.set(memory.id, memory)
      tell({ type: 'created', memory })
      return memory
    },
    select: (userId, filter) =>
      owned(userId)
        .reverse()
        .filter((memory) => matches(memory, filter)),
    get(id, userId) {
      const memory = memories.get(id)
      return memory?.userId === userId ? memory : undefined
    },
    update(memory, changes) {
      const updated = { ...memory, ...changes, updatedAt: now() }
      memories.set(memory.id, updated)
      tell({ type: 'updated', memory: updated })
      return updated
    },
    delete(memory) {
      if (memories.delete(memory.id)) tell({ type: 'deleted', memory })
    },
    watch(listener) {
      listeners.push(listener)
    },
  }
}

function matches(memory: StoredMemory, { type, tags, text }: MemoryFilter): boolean {
  if (type !== undefined && memory.type !== type) return false
  if (tags !== undefined && tags.length > 0 && !tags.some((tag) => memory.tags.includes(tag))) {
    return false
  }
  if (text === undefined) return true
  const haystack = [memory.title, memory.content, ...memory.tags].join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word))
}
