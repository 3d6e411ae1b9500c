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
  /** The service's id, which the other calls take. */
  readonly id: string
  /** One line. */
  readonly title: string
  /** Empty where a list leaves it out. */
  readonly content: string
  /** What kind of memory it is. */
  readonly type: MemoryType
  /** Empty where it has none. */
  readonly tags: readonly string[]
  /** What its author put beside it; empty where there is nothing. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** When it was made, where the service says. */
  readonly createdAt?: Date
  /** When it was last changed, where the service says. */
  readonly updatedAt?: Date
  /** The record as the service sent it, with the fields that have no name here. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** What a new memory is made of. */
export interface NewMemory {
  /** Not empty. */
  readonly title: string
  /** Not empty. */
  readonly content: string
  /** Default `context`. */
  readonly type?: MemoryType
  /** To find it by. */
  readonly tags?: readonly string[]
  /** Anything that JSON can carry. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Makes the call safe to repeat; without it one is made for each call. */
  readonly idempotencyKey?: string
}

/** What to change of a memory; what is left out stays as it is. */
export type MemoryChanges = Partial<Omit<NewMemory, 'idempotencyKey'>>

/** Which memories to list. */
export interface MemoryFilter {
  /** Memories of this type only. */
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
  /** In the words of a person: it is the meaning that is searched for. */
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
  /** All memories of the account. */
  readonly total: number
  /** How many there are of each type. */
  readonly byType: Readonly<Record<string, number>>
  /** The answer as the service sent it. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** One page of a list. */
export interface Page<T> {
  /** What is on this page. */
  readonly items: readonly T[]
  /** How many there are in all, where the service says. */
  readonly total?: number
  /** How many a page has at most: as the service says, else as was asked, else as many as are here. */
  readonly limit: number
  /** How many come before this page. */
  readonly offset: number
  /** Whether there is another page. */
  readonly hasMore: boolean
}
