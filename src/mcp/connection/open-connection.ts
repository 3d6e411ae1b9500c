// Loaded with the first socket.
import { abortedError, onAbort, raceSignal, throwIfAborted } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import type { McpContext } from '../context.ts'
import { nativeWebSockets } from '../native-web-sockets.ts'
import type { Connection, ConnectionEvents, ConnectionOptions } from './connection.ts'
import { LiveConnection } from './live-connection.ts'
import { chooseStrategy, handshake } from './strategy.ts'

const defaults = {
  maxMessageBytes: 16 * 1_048_576,
  maxBufferedBytes: 1_048_576,
  livenessMs: 75_000,
}

/**
 * Opens one WebSocket with the client's credential, and resolves when messages can be sent: after the ack
 * where there is one (★26).
 *
 * A credential that is refused (★27) is looked into once; where there is a better one by then, it is
 * tried with that, once.
 *
 * @throws AuthError `config_invalid` before anything is sent, `login_required`, `session_expired`,
 * `origin_not_allowed`, `api_key_rejected`, `forbidden`, `rate_limited`, `service_unavailable`,
 * `network_error`, `timeout`, `aborted`
 */
export async function openConnection(
  context: McpContext,
  options: ConnectionOptions,
  events: ConnectionEvents,
): Promise<Connection> {
  const { url, signal, dialect = 'auto', protocols = [] } = options
  const webSockets = context.webSockets ?? nativeWebSockets()
  const strategy = chooseStrategy(options.strategy, webSockets)
  assertSocketUrl(url)
  const limits = {
    maxMessageBytes: options.maxMessageBytes ?? defaults.maxMessageBytes,
    maxBufferedBytes: options.maxBufferedBytes ?? defaults.maxBufferedBytes,
    livenessMs: options.livenessMs ?? defaults.livenessMs,
  }
  assertPositive(limits)
  for (let number = 1; ; number++) {
    throwIfAborted(context.closing)
    throwIfAborted(signal)
    const found = await raceSignal(context.credentialFor(url, signal), signal)
    throwIfAborted(context.closing)
    const connection = new LiveConnection({
      context,
      webSockets,
      url,
      credential: found.credential,
      handshake: handshake(strategy, { ...found, protocols }),
      dialect,
      ...limits,
      events,
      number,
    })
    const stop = signal && onAbort(signal, () => connection.abort(abortedError(signal)))
    try {
      await connection.ready
      return connection
    } catch (error) {
      if (!connection.mayRetry || number > 1) throw error
    } finally {
      stop?.()
    }
  }
}

/** Whose origin is allowed is said when the credential is looked for. */
function assertSocketUrl({ protocol, username, password, hash }: URL): void {
  const isSocket = protocol === 'wss:' || protocol === 'ws:'
  if (isSocket && username === '' && password === '' && hash === '') return
  throw new AuthError('config_invalid', 'The address of the socket is not one of a WebSocket.', {
    hint: 'Use wss://…, without user information and without a fragment.',
  })
}

function assertPositive(limits: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!(Number.isFinite(value) && value > 0)) {
      throw new AuthError('config_invalid', `${name} is not a positive number.`)
    }
  }
}
