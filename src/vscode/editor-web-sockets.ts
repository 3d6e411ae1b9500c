import type { WebSockets } from '../mcp/web-socket.ts'
import { wsSockets } from '../node/web-sockets/ws-sockets.ts'

/**
 * What an extension has for sockets. The host of a desktop or a remote window is Node.js, whose older versions
 * have none of their own; that of a page is a worker, which has the browser's. The editor itself leads what
 * Node.js connects to through its proxies.
 */
export function editorWebSockets(): WebSockets | undefined {
  const host: { process?: { versions?: { node?: string } } } = globalThis
  return host.process?.versions?.node === undefined ? undefined : wsSockets(() => undefined)
}
