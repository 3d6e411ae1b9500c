import { startDeadline } from '../../async/abort.ts'
import type { ClientCore } from '../../client/core.ts'
import { assertGateway } from '../../client/gateway-access.ts'
import { fieldsOf, textOf } from '../../json/fields.ts'
import type { Tokens } from '../../session/account.ts'
import { nameOf } from '../../store/store.ts'
import type { Memento } from '../host.ts'
import type { AuthenticationSession } from './host.ts'

type Owner = AuthenticationSession['account']

interface KnownOwner {
  readonly signIn: string
  readonly owner: Owner
}

/** Nobody waits longer for a name. */
const answerWithinMs = 3_000
/** The gateway answers twenty questions a minute, to all programs of a machine. */
const askAgainAfterMs = 60_000

/**
 * Who a sign-in belongs to, as the server says it. It is asked once: the answer is noted in the editor's
 * memory, which holds no secrets, until the person signs out.
 */
export class AccountOwner {
  readonly #core: ClientCore
  readonly #notes: Memento
  /** For a person whose name is not known now. */
  readonly #nobody: Owner
  readonly #name: string
  #known: KnownOwner | undefined
  /** A sign-in whose owner the server could not say; another one is asked about at once. */
  #unnamed: { readonly signIn: string; readonly askAgainAt: number } | undefined

  constructor(core: ClientCore, { notes, label }: { notes: Memento; label: string }) {
    const { key } = core.settings
    this.#core = core
    this.#notes = notes
    this.#nobody = { id: key.clientId, label }
    this.#name = `lanonasis.accountOwner:${nameOf(key)}`
  }

  async of(tokens: Tokens): Promise<Owner> {
    const { signInId: signIn } = tokens
    // Without it nobody could tell when it is another person's.
    if (signIn === undefined) return this.#nobody
    const known = this.#known ?? this.#noted()
    if (known?.signIn === signIn) return known.owner
    const { now } = this.#core.settings
    if (this.#unnamed?.signIn === signIn && now() < this.#unnamed.askAgainAt) return this.#nobody
    const owner = await this.#ask(tokens)
    if (owner === undefined) {
      this.#unnamed = { signIn, askAgainAt: now() + askAgainAfterMs }
      return this.#nobody
    }
    this.#known = { signIn, owner }
    this.#note({ signIn, ...owner })
    return owner
  }

  /** What is noted of a person goes with the session. */
  forget(): void {
    this.#known = undefined
    this.#unnamed = undefined
    if (this.#notes.get(this.#name) !== undefined) this.#note(undefined)
  }

  async #ask({ accessToken, origins }: Tokens): Promise<Owner | undefined> {
    const deadline = startDeadline(answerWithinMs, this.#core.closing)
    try {
      assertGateway(this.#core.settings, origins)
      const { oauth, context } = await this.#core.oauth(deadline.signal)
      const { active, userId, subject, email } = await oauth.introspectToken(context, accessToken)
      const id = userId ?? subject
      return active && id !== undefined ? { id, label: email ?? id } : undefined
    } catch {
      // A name is not worth a session that works.
      return undefined
    } finally {
      deadline.dispose()
    }
  }

  #noted(): KnownOwner | undefined {
    const fields = fieldsOf(this.#notes.get(this.#name))
    const [signIn, id, label] = [fields.signIn, fields.id, fields.label].map(textOf)
    if (signIn === undefined || id === undefined || label === undefined) return undefined
    return { signIn, owner: { id, label } }
  }

  #note(note: unknown): void {
    // What could not be noted is asked again by the next window.
    this.#notes.update(this.#name, note).then(
      () => {},
      () => {},
    )
  }
}

/** What stays the same through renewals, and in all windows. Not a secret. */
export function signInOf({ signInId }: Tokens): string {
  return signInId ?? 'lanonasis'
}
