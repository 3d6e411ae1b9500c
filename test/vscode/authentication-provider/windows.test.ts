import { describe, expect, it, vi } from 'vitest'
import { settle } from '../../support/async.ts'
import { lifeMs, platformAt } from '../../support/setup.ts'
import { editorFor, offerIn } from './offered.ts'

const other = { email: 'other@example.com', password: 'other password 1' }

function setUp() {
  const platform = platformAt({ limits: false })
  platform.addUser({ ...other })
  const person: { email?: string; password?: string } = {}
  const editor = editorFor(platform, person)
  const [second, first] = [editor.open(), editor.open()].map((window) =>
    offerIn(window, { platform }),
  )
  if (first === undefined || second === undefined) throw new Error('No windows.')
  const introspections = () => platform.requestsTo('POST /oauth/introspect').length
  return { platform, person, editor, first, second, introspections }
}

describe('the session that several windows offer', () => {
  it('is the same in all of them: added, renewed and removed by what one of them does', async () => {
    const { platform, first, second } = setUp()
    const session = await first.provider.createSession([])
    const { label } = session.account
    await expect.poll(() => second.told).toEqual([`added ${label}`])
    expect(await second.provider.getSessions()).toEqual([session])

    platform.clock.advance(lifeMs)
    await first.provider.getSessions()
    await expect.poll(() => second.told.at(-1)).toBe(`changed ${label}`)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(2)

    await second.provider.removeSession(session.id)
    await expect.poll(() => first.told.at(-1)).toBe(`removed ${label}`)
    expect(await first.provider.getSessions()).toEqual([])
  })

  it('is another one when another person signs in, under that person’s name', async () => {
    const { person, first, second, platform } = setUp()
    const before = await first.provider.createSession([])
    await expect.poll(() => second.told).toHaveLength(1)
    Object.assign(person, other)
    platform.clock.advance(1_000)
    const after = await first.provider.createSession([])
    expect(after.id).not.toBe(before.id)
    expect(after.account.id).toBe(platform.users.find(({ email }) => email === other.email)?.id)
    expect(after.account.id).not.toBe(before.account.id)
    await vi.waitFor(() =>
      expect(second.told.slice(1).sort()).toEqual([
        `added ${after.account.label}`,
        `removed ${before.account.label}`,
      ]),
    )
  })
})

describe('the name of the account', () => {
  it('is asked for once for each sign-in, and noted until the person signs out', async () => {
    const { platform, editor, first, introspections } = setUp()
    const session = await first.provider.createSession([])
    platform.clock.advance(lifeMs)
    await first.provider.getSessions()
    await settle()
    const asked = introspections()
    // One for each window, at most: the second may not have seen the note of the first yet.
    expect(asked).toBeLessThanOrEqual(2)
    const third = offerIn(editor.open(), { platform })
    expect((await third.provider.getSessions())[0]?.account).toEqual(session.account)
    expect(introspections()).toBe(asked)
    expect(notesOf(editor)).toContain(session.account.id)
    await first.provider.removeSession(session.id)
    expect(notesOf(editor)).not.toContain(session.account.id)
  })

  it('is the e-mail address where the server says it', async () => {
    const { platform, first } = setUp()
    platform.order({
      match: 'POST /oauth/introspect',
      action: { status: 200, body: { active: true, sub: 'u-1', email: 'person@example.com' } },
    })
    const { account } = await first.provider.createSession([])
    expect(account).toEqual({ id: 'u-1', label: 'person@example.com' })
  })

  it.each([
    ['does not say it', { status: 200, body: { active: true } }],
    ['is away', { status: 503 }],
    ['says that the token is dead', { status: 200, body: { active: false, user_id: 'u-9' } }],
  ])(
    'is that of the service where the server %s, and is asked for again a minute later',
    async (_, answer) => {
      const { platform, first, introspections } = setUp()
      const takeBack = platform.order({ match: 'POST /oauth/introspect', action: answer })
      const session = await first.provider.createSession([])
      expect(session.account).toEqual({ id: 'vscode-extension', label: 'Lanonasis' })
      await settle()
      const asked = introspections()
      await first.provider.getSessions()
      expect(introspections()).toBe(asked)
      takeBack()
      platform.clock.advance(60_000)
      const [named] = await first.provider.getSessions()
      expect(named?.account.id).toBe(platform.users[0]?.id)
      expect(first.told).toEqual([
        'added Lanonasis',
        `added ${named?.account.label}`,
        'removed Lanonasis',
      ])
    },
  )
})

describe('the name of an account that the server could not say', () => {
  it('is asked for at the next sign-in, however soon: who wants their own session gets it', async () => {
    const { platform, first } = setUp()
    const [user] = platform.users
    const account = { id: user?.id ?? '', label: user?.id ?? '' }
    const mend = platform.order({ match: 'POST /oauth/introspect', action: { status: 503 } })
    await first.provider.createSession([])
    expect(await first.provider.getSessions([], { account })).toEqual([])
    mend()
    // The editor has them sign in for it, and compares the names.
    const session = await first.provider.createSession([])
    expect(session.account).toEqual(account)
    expect(await first.provider.getSessions([], { account })).toEqual([session])
  })
})

/** What the editor remembers outside of its secrets. */
function notesOf(editor: ReturnType<typeof editorFor>): string {
  const { context } = editor.open()
  return JSON.stringify(context.globalState.get(noteName) ?? 'nothing')
}

const noteName =
  'lanonasis.accountOwner:["https://auth.lanonasis.com","vscode-extension","default",""]'
