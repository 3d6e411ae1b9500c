/** The types of memories; open, because the services add to them. */
export type MemoryType =
  | 'context'
  | 'project'
  | 'knowledge'
  | 'reference'
  | 'personal'
  | 'workflow'
  | (string & {})

/** One memory, whatever form the service gave it (★22). */
export interface Memory {
  readonly id: string
  readonly title: string
  /** Empty where a list leaves it out. */
  readonly content: string
  readonly type: MemoryType
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly createdAt?: Date
  readonly updatedAt?: Date
  /** The record as the service sent it, with the fields that have no name here. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** What a new memory is made of. */
export interface NewMemory {
  readonly title: string
  readonly content: string
  /** Default `context`. */
  readonly type?: MemoryType
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Makes the call safe to repeat; without it one is made for each call. */
  readonly idempotencyKey?: string
}

/** What to change of a memory; what is left out stays as it is. */
export type MemoryChanges = Partial<Omit<NewMemory, 'idempotencyKey'>>

/** Which memories to list. */
export interface MemoryFilter {
  readonly type?: MemoryType
  /** Memories that have all of these tags. */
  readonly tags?: readonly string[]
  /** How many a page has; the service's default when left out. */
  readonly limit?: number
  /** How many to skip. */
  readonly offset?: number
}

/** What to search for. */
export interface MemorySearch extends MemoryFilter {
  readonly query: string
  /** The least likeness of a result, from 0 to 1; the service's default when left out. */
  readonly threshold?: number
}

/** A memory that a search found. */
export interface FoundMemory extends Memory {
  /** How well it fits, from 0 to 1, where the service says. */
  readonly score?: number
}

/** How many memories there are. */
export interface MemoryStats {
  readonly total: number
  readonly byType: Readonly<Record<string, number>>
  /** The answer as the service sent it. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** How many there are in all, where the service says. */
  readonly total?: number
  readonly limit: number
  readonly offset: number
  readonly hasMore: boolean
}
