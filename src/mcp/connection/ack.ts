import type { McpContext } from '../context.ts'
import type { SocketDialect } from './connection.ts'

/** How long an ack is waited for where it is not known whether there is one. */
const moment = 1_000

const known = new WeakMap<McpContext, Map<string, boolean>>()

/** What is known of one address: whether it sends an ack (★26). */
export interface AckMemory {
  /**
   * How long to wait for one, ms; 0: not at all. `required`: there is no connection without it.
   */
  readonly wait: (timeoutMs: number) => { readonly ms: number; readonly required: boolean }
  readonly learn: (sendsAck: boolean) => void
}

/** Belongs to one client, so that what it learned goes with it. */
export function ackMemory(
  context: McpContext,
  { url, dialect }: { readonly url: URL; readonly dialect: SocketDialect },
): AckMemory {
  const learned = known.get(context) ?? new Map<string, boolean>()
  known.set(context, learned)
  const { href } = url
  return {
    wait(timeoutMs) {
      if (dialect === 'ack') return { ms: timeoutMs, required: true }
      const sendsAck = dialect === 'json-rpc' ? false : learned.get(href)
      if (sendsAck === false) return { ms: 0, required: false }
      // One that sent an ack before may have been replaced since.
      return { ms: sendsAck ? timeoutMs : Math.min(moment, timeoutMs), required: false }
    },
    learn(sendsAck) {
      learned.set(href, sendsAck)
    },
  }
}
