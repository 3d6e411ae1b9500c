/** A person with an account on the platform. */
export interface User {
  /** As in tokens and records. */
  readonly id: string
  /** What the person signs in with. */
  readonly email: string
  /** In clear text: tests type it. */
  readonly password: string
  /** Without an organisation the edge refuses memory requests with a plain 401 (★23). */
  readonly organizationId: string | undefined
}

/** What `addUser` needs. */
export interface NewUser {
  /** What the person signs in with; nobody else has it. */
  readonly email: string
  /** What the person types. */
  readonly password: string
  /** The organisation's id: a new one by default; `null` for a person without one (★23). */
  readonly organization?: string | null
}

export interface UserStore {
  readonly all: readonly User[]
  add(user: NewUser): User
  get(id: string): User | undefined
  find(email: string): User | undefined
}

export function createUserStore(): UserStore {
  const all: User[] = []
  const find = (email: string) =>
    all.find((user) => user.email.toLowerCase() === email.trim().toLowerCase())
  return {
    all,
    add({ email, password, organization }) {
      if (find(email) !== undefined) throw new Error(`The platform has a user ${email} already.`)
      const user: User = {
        id: crypto.randomUUID(),
        email,
        password,
        organizationId: organization === null ? undefined : (organization ?? crypto.randomUUID()),
      }
      all.push(user)
      return user
    },
    get: (id) => all.find((user) => user.id === id),
    find,
  }
}
