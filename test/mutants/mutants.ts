/** One way to break the engine. */
export interface Mutant {
  /** What the engine no longer does. */
  readonly name: string
  /** Where its source is changed. */
  readonly file: string
  readonly changes: readonly Change[]
}

interface Change {
  /** Stands in the file exactly once. */
  readonly from: string
  readonly to: string
}

/** The mistakes that clients of rotating gateways make; each has lost somebody a session. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no re-read',
    file: 'src/session/renewal.ts',
    changes: [
      {
        from: 'const account = await context.known.read()\n  const tokens = requireTokens(account)',
        to: 'const account = context.known.latest ?? emptyAccount\n  const tokens = requireTokens(account)',
      },
      // The intent is a second re-read: without it, too.
      {
        from: 'holds(current, tokens) && pauseOf(context, current) === undefined',
        to: 'true',
      },
      {
        from: 'if (!holds(account, tokens)) return adopt(context, { account, sent: false })',
        to: '',
      },
    ],
  },
  {
    name: 'no compare-and-swap',
    file: 'src/session/account-store.ts',
    changes: [
      {
        from: 'store.commit(key, revision, toStored(changed))',
        to: 'store.read(key).then((entry) => store.commit(key, entry?.revision, toStored(changed)))',
      },
    ],
  },
  {
    name: 'no intent',
    file: 'src/session/renewal.ts',
    changes: [
      {
        from: '? { ...current, intent, coolDown: undefined }',
        to: '? { ...current, coolDown: undefined }',
      },
    ],
  },
  {
    name: 'no cool-down',
    file: 'src/session/cool-down.ts',
    changes: [
      {
        from: 'if (ms === undefined) return undefined\n',
        to: 'if (ms !== 0) return undefined\n',
      },
    ],
  },
  {
    name: 'refresh on any 401',
    file: 'src/client/refusals.ts',
    changes: [
      {
        from: "if (active !== false) return unavailable('token', active === true)",
        to: '',
      },
    ],
  },
  {
    name: 'clear on 5xx',
    file: 'src/oauth/renewal.ts',
    changes: [
      {
        from: 'return (status === 400 || status === 401) && code',
        to: 'if (status >= 500) return true\n  return (status === 400 || status === 401) && code',
      },
    ],
  },
  {
    name: 'lock not checked before commit',
    file: 'src/session/renewal.ts',
    changes: [
      {
        from: "if (!(await lease.isHeld())) return { type: 'overtaken' }",
        to: '',
      },
    ],
  },
  {
    name: 'event under the lock',
    file: 'src/session/session-keeper.ts',
    changes: [
      {
        from: 'new LockedRenewals({ ...options, known,',
        to: "new LockedRenewals({ ...options, prepare: async () => { const send = await options.prepare(); return async (tokens) => { const outcome = await send(tokens); options.onEvent({ type: 'released' }); return outcome } }, known,",
      },
    ],
  },
  {
    name: 'adopt without freshness check',
    file: 'src/session/renewal.ts',
    changes: [
      {
        from: "if (context.isGood(tokens)) return { type: 'adopted', tokens }",
        to: "return { type: 'adopted', tokens }",
      },
    ],
  },
  {
    name: 'late refresh resurrects',
    file: 'src/session/account.ts',
    changes: [
      {
        from: 'return holds(current, predecessor) || givenUp ? withTokens(current, tokens) : undefined',
        to: 'return withTokens(current, tokens)',
      },
    ],
  },
]
