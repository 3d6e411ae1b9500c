import type { CreatedApiKey } from '@lanonasis/auth-client'
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react'
import { useAskBeforeLeaving } from '../parts/use-ask-before-leaving.ts'
import type { Account } from '../use-account.ts'
import { ShownOnce } from './shown-once.tsx'

/** A key that was just made, and that nobody has stored yet. */
export interface FreshKey {
  readonly created: CreatedApiKey
  /** The key in whose place it comes, which works until `end`. */
  readonly old?: { readonly name: string; readonly end: () => Promise<void> }
}

interface KeyOnShow {
  /** The key that the person sees now. */
  readonly fresh: FreshKey | undefined
  /** Shows a key to whom has asked for it: whoever is signed in where this function was taken. */
  readonly show: (key: FreshKey) => void
}

const Shown = createContext<KeyOnShow>({ fresh: undefined, show: () => {} })

export const useKeyOnShow = () => use(Shown)

interface Props {
  readonly account: Account
  readonly children: ReactNode
}

/**
 * Shows new keys, each until the person closes it. It stands above the session, whose end, in whatever
 * tab, must not take away what nobody can show again.
 */
export function KeysOnShow({ account, children }: Props) {
  const { turn } = account
  const [keys, setKeys] = useState<readonly (FreshKey & { readonly turn: number })[]>([])
  // What is one person's is not for the next one: it is shown again when its owner is back.
  const fresh = keys.find((key) => isSamePerson(account, key.turn))
  const show = useCallback(
    (key: FreshKey) => setKeys((before) => [...before, { ...key, turn }]),
    [turn],
  )
  const close = () => setKeys((before) => before.filter((key) => key !== fresh))
  const value = useMemo(() => ({ fresh, show }), [fresh, show])
  useAskBeforeLeaving(keys.length > 0)
  const comesBack = keys.some((key) => account.names[key.turn] !== undefined)

  return (
    <Shown value={value}>
      {keys.length > 0 && fresh === undefined && (
        <p className="notice warning" role="status">
          A new key is hidden in this tab.{' '}
          {comesBack
            ? 'It is shown again once its owner has signed in again, in another tab. Leaving this tab loses it.'
            : 'Nobody knows whose it is, so it is not shown again: its owner has to revoke it.'}
        </p>
      )}
      {children}
      {fresh && <ShownOnce key={fresh.created.id} {...fresh} onClose={close} />}
    </Shown>
  )
}

/** Whether the person of now is known to be the one of that turn. */
function isSamePerson({ turn, names }: Account, then: number): boolean {
  return turn === then || (names[turn] !== undefined && names[turn] === names[then])
}
