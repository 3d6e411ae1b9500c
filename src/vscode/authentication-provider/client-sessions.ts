import type { ClientCore } from '../../client/core.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { Tokens } from '../../session/account.ts'
import type { ActivationContext } from '../host.ts'
import { AccountOwner, signInOf } from './account-owner.ts'
import type {
  AuthenticationSession,
  AuthenticationSessionOptions,
  AuthenticationSessionsChange,
} from './host.ts'

interface ClientSessionsOptions {
  readonly core: ClientCore
  readonly context: Pick<ActivationContext, 'globalState'>
  /** For a person whose name is not known. */
  readonly label: string
  readonly signIn: (request: { readonly scope: string }) => Promise<unknown>
  readonly tell: (change: AuthenticationSessionsChange) => void
}

/** The session of a client, as the editor knows sessions: none or one. */
export class ClientSessions {
  readonly #options: ClientSessionsOptions
  readonly #owner: AccountOwner
  /** What the editor was told last. */
  #told: AuthenticationSession | undefined

  constructor(options: ClientSessionsOptions) {
    const { core, context, label } = options
    this.#options = options
    this.#owner = new AccountOwner(core, { notes: context.globalState, label })
  }

  /** @throws AuthError where it cannot be found out: `refresh_failed`, `store_unavailable`, … */
  async find(
    scopes: readonly string[] = [],
    { account }: AuthenticationSessionOptions = {},
  ): Promise<readonly AuthenticationSession[]> {
    const { core } = this.#options
    try {
      await core.keeper.tokens()
    } catch (error) {
      if (!isAuthError(error, 'login_required') && !isAuthError(error, 'session_expired')) {
        throw error
      }
      await core.load()
    }
    const session = await this.look()
    if (session === undefined) return []
    // Nobody gets the token of another person than they have asked for: the editor does not look.
    const isTheirs = account === undefined || account.id === session.account.id
    const granted = new Set(session.scopes)
    return isTheirs && scopes.every((scope) => granted.has(scope)) ? [session] : []
  }

  /** @throws AuthError what the sign-in fails with */
  async create(scopes: readonly string[]): Promise<AuthenticationSession> {
    const { core, signIn } = this.#options
    const held = await core.load().then(() => this.#held())
    const sofar = scopesIn(held?.scope ?? core.settings.scope)
    await signIn({ scope: [...new Set([...sofar, ...scopes])].join(' ') })
    const session = await this.look()
    if (session !== undefined) return session
    throw new AuthError('login_required', 'Nobody has signed in.')
  }

  /** @throws AuthError `not_found`: another person is signed in now; `store_unavailable` */
  async remove(id: string, signOut: () => Promise<unknown>): Promise<void> {
    await this.#options.core.load()
    const held = this.#held()
    if (held !== undefined && signInOf(held) !== id) {
      throw new AuthError('not_found', 'That session has ended, and there is another one now.')
    }
    // What is left of an ended one goes as well.
    await signOut()
    await this.look()
  }

  /** Tells the editor what is different. No request but for the name of a person not known yet. */
  async look(): Promise<AuthenticationSession | undefined> {
    for (;;) {
      const tokens = this.#held()
      const session = tokens && (await this.#describe(tokens))
      // While a name was asked for, the person may have signed out.
      if (this.#held()?.accessToken.reveal() !== session?.accessToken) continue
      this.#tell(session)
      return this.#told
    }
  }

  #held(): Tokens | undefined {
    const { session, keeper } = this.#options.core
    const known = keeper.known?.session
    return session.status === 'signed-in' && known?.status === 'signed-in'
      ? known.tokens
      : undefined
  }

  async #describe(tokens: Tokens): Promise<AuthenticationSession> {
    return {
      id: signInOf(tokens),
      accessToken: tokens.accessToken.reveal(),
      account: await this.#owner.of(tokens),
      scopes: scopesIn(tokens.scope),
    }
  }

  #tell(session: AuthenticationSession | undefined): void {
    const before = this.#told
    if (session === undefined) this.#owner.forget()
    if (JSON.stringify(before) === JSON.stringify(session)) return
    this.#told = session
    // By its name the editor remembers who may use an account: under another one it is another.
    const isSame = before?.id === session?.id && before?.account.label === session?.account.label
    this.#options.tell({
      added: session && !isSame ? [session] : undefined,
      removed: before && !isSame ? [before] : undefined,
      changed: session && isSame ? [session] : undefined,
    })
  }
}

function scopesIn(scope: string | undefined): readonly string[] {
  return scope?.split(' ').filter((one) => one !== '') ?? []
}
