import type { LanonasisClient, Session, StoreDescription } from '@lanonasis/auth-client'
import type { Command } from 'commander'
import { exitCodeOf } from '../../glue/exit-codes.js'
import { facts } from '../../glue/table.js'
import { does } from '../../glue/task.js'
import { moment } from '../../glue/text.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly check?: boolean
}

export function status(auth: Command): void {
  auth
    .command('status')
    .description('say who is signed in, where secrets live, and what ends when')
    .option('--check', 'ask the services as well; without, nothing is sent')
    .action(
      does<Options>(async (task, { check }) => {
        const client = await task.client()
        const session = await client.getSession()
        const checked = check && (await waitFor('Asking the services', ask(client, task.signal)))
        const place = client.describeStore()
        const { profile } = task.options
        await task.result(
          {
            ...withDates(session),
            profile,
            clientId: client.clientId,
            issuer: client.endpoints.authGateway,
            endpoints: client.endpoints,
            store: place,
            ...(checked && { checked }),
          },
          await describe(session, { client, profile, place, checked }),
        )
        const usable = session.status === 'signed-in' || session.apiKey !== undefined
        const refused = checked && checked.session === 'inactive'
        if (!usable || refused) process.exitCode = exitCodeOf('login_required')
      }),
    )
}

interface Checked {
  readonly session?: 'active' | 'inactive'
  readonly apiKey?: 'good'
}

/** Of what is there only. A service that refuses it is this command's failure. */
async function ask(client: LanonasisClient, signal: AbortSignal): Promise<Checked> {
  const { status, apiKey } = await client.getSession()
  if (apiKey !== undefined) await client.memory.list({ limit: 1, signal })
  const checked = apiKey === undefined ? {} : { apiKey: 'good' as const }
  if (status !== 'signed-in') return checked
  // A token that has ended is renewed before it is asked about.
  const { active } = await client.introspect(await client.getAccessToken({ signal }), { signal })
  return { ...checked, session: active ? 'active' : 'inactive' }
}

interface Around {
  readonly client: LanonasisClient
  readonly profile: string
  readonly place: StoreDescription
  readonly checked: Checked | undefined | false
}

async function describe(
  session: Session,
  { client, profile, place, checked }: Around,
): Promise<string> {
  const signedIn = session.status === 'signed-in' ? session : undefined
  return [
    titles[session.status],
    await facts([
      ['profile', profile],
      ['gateway', client.endpoints.authGateway],
      ['scope', signedIn?.scope],
      ['access token', until(signedIn?.expiresAt, 'renews itself')],
      ['session', until(signedIn?.refreshExpiresAt, 'each renewal puts that off')],
      ['trouble', session.degraded && `cannot be renewed now (${session.degraded.code})`],
      ['API key', apiKeyText(session)],
      ['old token', session.legacy ? 'of the time before OAuth: sign in once' : undefined],
      ['kept in', placeText(place)],
      ['note', place.note],
      ['checked', checked ? checkedText(checked) : undefined],
    ]),
  ].join('\n')
}

function until(time: number | undefined, more: string): string | undefined {
  return time === undefined ? undefined : `until ${moment(time)}; ${more}`
}

const titles = {
  'signed-in': 'Signed in.',
  'signed-out': 'Not signed in.',
  expired: 'The session has ended.',
  loading: 'Not known yet.',
} as const satisfies Record<Session['status'], string>

/** The variable outweighs what is stored. */
function apiKeyText({ apiKey }: Session): string | undefined {
  if (apiKey === undefined) return undefined
  const { publicId, name, expiresAt } = apiKey
  return [
    `${publicId}…`,
    ...(name === undefined ? [] : [`“${name}”`]),
    ...(expiresAt === undefined ? [] : [`until ${moment(expiresAt)}`]),
    ...(process.env.LANONASIS_API_KEY ? ['from LANONASIS_API_KEY'] : []),
  ].join(', ')
}

function placeText({ kind, location, encrypted, shared }: StoreDescription): string {
  const where = location === undefined ? kind : `${location} (${kind})`
  return `${where}, ${encrypted ? '' : 'not '}encrypted, for ${scopes[shared]}`
}

const scopes = {
  process: 'this process only',
  tabs: 'the tabs of a browser',
  machine: 'all programs of yours on this machine',
  cluster: 'several machines',
} as const satisfies Record<StoreDescription['shared'], string>

const sessions = {
  active: 'the session is active',
  inactive: 'the gateway does not know the session, and the next use finds out whether it renews',
} as const satisfies Record<NonNullable<Checked['session']>, string>

function checkedText({ session, apiKey }: Checked): string {
  const parts = [session && sessions[session], apiKey && 'the API key works']
  return parts.filter((part) => part !== undefined).join(', ') || 'nothing to ask about'
}

function withDates(session: Session) {
  const { apiKey, ...rest } = session
  const signedIn = session.status === 'signed-in' ? session : undefined
  return {
    ...rest,
    ...(signedIn?.expiresAt && { expiresAt: new Date(signedIn.expiresAt) }),
    ...(signedIn?.refreshExpiresAt && { refreshExpiresAt: new Date(signedIn.refreshExpiresAt) }),
    ...(apiKey && {
      apiKey: { ...apiKey, ...(apiKey.expiresAt && { expiresAt: new Date(apiKey.expiresAt) }) },
    }),
  }
}
