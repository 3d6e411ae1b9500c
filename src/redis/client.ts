import { AuthError } from '../errors/auth-error.ts'

/** What goes along with a command. */
export interface RedisCommandContext {
  /** The first key of the command, by which a cluster finds the node. */
  readonly key: string
  /** Fires when nobody waits for the answer any more: a command that was not sent yet need not be. */
  readonly signal: AbortSignal | undefined
}

/** Sends one command to Redis, and gives its answer: the narrowest form of a client. */
export type RedisCommandFunction = (
  command: string[],
  context: RedisCommandContext,
) => PromiseLike<unknown>

/** A client of the package `redis` (node-redis 4 and later), connected by its owner. */
export interface NodeRedisClient {
  /** Sends a command; one that was not sent when the signal fires need not be. */
  sendCommand(
    command: string[],
    options?: { readonly abortSignal?: AbortSignal; readonly signal?: AbortSignal },
  ): PromiseLike<unknown>
  /** Makes the connection on which changes by others are heard of. */
  duplicate?(): unknown
}

/** A client of the package `ioredis`, for one server or a cluster. */
export interface IoredisClient {
  /** Sends a command. */
  call(command: string, ...args: string[]): PromiseLike<unknown>
}

/**
 * A connection to Redis that belongs to the caller: it is connected, watched for errors and closed by who
 * made it. A function serves for every other client, and for a cluster of node-redis:
 * `(command, { key }) => cluster.sendCommand(key, false, command)`.
 */
export type RedisClient = NodeRedisClient | IoredisClient | RedisCommandFunction

/** @throws AuthError `config_invalid` */
export function commandFunction(client: RedisClient): RedisCommandFunction {
  if (typeof client === 'function') return client
  // First: ioredis has a `sendCommand` as well, of another form.
  if ('call' in client && typeof client.call === 'function') {
    return ([name = '', ...args]) => client.call(name, ...args)
  }
  if ('sendCommand' in client && typeof client.sendCommand === 'function') {
    return (command, { signal }) =>
      // By its name in node-redis 5 and later, and in 4.
      client.sendCommand(command, signal && { abortSignal: signal, signal })
  }
  throw new AuthError('config_invalid', 'redisStore was given something that is no Redis client.', {
    hint: 'Pass a connected client of the package redis or ioredis, or a function that sends one command.',
  })
}
