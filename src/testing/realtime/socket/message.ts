import { type Fields, fieldsOf, isFields } from '../../../json/fields.ts'
import { type FaultAction, isDelay } from '../../platform/faults.ts'
import type { Identity } from '../../world/credentials.ts'
import type { ServedConnection } from '../connection.ts'
import type { Hub } from '../hub.ts'
import type { Dialect } from './dialect.ts'
import { callMethod } from './methods.ts'

/** What a socket's messages are handled with. */
interface Session {
  readonly hub: Hub
  readonly connection: ServedConnection
  readonly identity: Identity
  readonly dialect: Dialect
}

/** Takes the messages of a socket that was let in, through the faults that were ordered for them. */
export function createMessageHandler(session: Session): (text: string) => void {
  return (text) => {
    const message = parse(text)
    if (message === undefined) {
      const error = { code: -32700, message: 'Parse error' }
      void session.connection.send(session.dialect.reply({ id: null, error }))
    } else void handle(session, message)
  }
}

async function handle(session: Session, message: Fields): Promise<void> {
  const { hub, connection, dialect } = session
  // The ack dialect also knows `{"type":"ping"}`.
  const isPing = message.type === 'ping' && message.method === undefined
  const method = isPing ? 'ping' : message.method
  // An answer to a request of ours; who wants it finds it in `received`.
  if (typeof method !== 'string') return

  const target = { service: 'mcpWs', method: 'MESSAGE', path: method, fullPath: method }
  const actions = hub.faults.take(target)
  for (const action of actions) {
    if (isDelay(action)) await hub.world.settings.wait(action.delayMs, undefined)
  }
  const action = actions.find((candidate) => !isDelay(candidate))
  const prevented = action === undefined ? false : withoutActing(session, { action, message })
  if (prevented) return

  const reply = callMethod(session, { method, params: fieldsOf(message.params) })
  // Only who gave an id waits for an answer, and a method that nobody knows gets none (★25).
  if (reply === undefined || message.id === undefined) return
  const text = isPing
    ? JSON.stringify({ type: 'pong', id: message.id })
    : dialect.reply({ id: message.id, ...reply })
  if (action === 'lose-answer') connection.cut()
  else if (action === 'cut-answer') connection.cut(text)
  else await connection.send(text)
}

/** What a fault does in place of the method; `false` where the method is called. */
function withoutActing(
  { connection, dialect }: Session,
  { action, message }: { readonly action: FaultAction; readonly message: Fields },
): boolean {
  if (action === 'hang') return true
  if (action === 'refuse' || action === 'drop') {
    connection.cut()
    return true
  }
  if (action === 'silence') {
    connection.silence()
    return true
  }
  if (typeof action === 'string') return false
  if ('closeCode' in action) {
    connection.close(action.closeCode, action.reason ?? '')
    return true
  }
  if (!('status' in action)) return false
  const error = { code: -32000, message: `Request failed with status ${action.status}` }
  void connection.send(dialect.reply({ id: message.id ?? null, error }))
  return true
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}
