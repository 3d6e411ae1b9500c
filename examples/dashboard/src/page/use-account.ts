import { isAuthError, type Session } from '@lanonasis/auth-client'
import { useEffect, useState } from 'react'
import { client } from './client.ts'
import { stoppable } from './parts/stoppable.ts'

/** The sign-ins that this tab has seen one after another: what was read in one is not the next one's. */
export interface Account {
  /** Counts them, and the people whom the gateway tells apart where it is not known which sign-in it is. The last one counts until the next begins. */
  readonly turn: number
  /** Who it was in each turn, where the gateway has said so. */
  readonly names: Readonly<Record<number, string>>
}

/**
 * Whose session it is, as the gateway tells it: by the e-mail address, or by the person's id where it knows no
 * more of the token. Until it has told, another sign-in counts as another person's: a tab that slept may wake
 * up in one, and has not seen the end of the one before.
 */
export function useAccount(session: Session): Account {
  const [account, setAccount] = useState<Account>({ turn: 0, names: {} })
  const isSignedIn = session.status === 'signed-in'
  const expiresAt = isSignedIn ? session.expiresAt : undefined
  const signIn = isSignedIn ? (session.signInId ?? 'unnamed') : undefined
  const [signInBefore, setSignInBefore] = useState(signIn)
  // While rendering: nothing of the person before may be painted once.
  if (signIn !== signInBefore) {
    setSignInBefore(signIn)
    if (isSignedIn) setAccount({ ...account, turn: account.turn + 1 })
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is asked with each new token
  useEffect(() => {
    if (signIn === undefined) return
    const { signal, abort } = stoppable()
    const ask = async () => {
      const { active, email, userId } = await client.introspect(undefined, { signal })
      const name = email ?? userId
      if (active && name !== undefined) setAccount((before) => learned(before, name))
    }
    ask().catch((error) => {
      if (!isAuthError(error)) throw error
    })
    return abort
  }, [signIn, expiresAt])
  return account
}

function learned({ turn, names }: Account, name: string): Account {
  const now = names[turn] === undefined || names[turn] === name ? turn : turn + 1
  return { turn: now, names: { ...names, [now]: name } }
}
