import type { Fields } from '../../../json/fields.ts'
import type { Identity } from '../../world/credentials.ts'
import type { Hub } from '../hub.ts'
import { serverInfo } from '../server-info.ts'
import { callTool, tools } from './tools.ts'

/** What a method came to, without the id of its request. */
export type Outcome =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }

const protocolVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']

/** Runs a method; `undefined` for notifications, and for methods that nobody knows. */
export function callMethod(
  session: { readonly hub: Hub; readonly identity: Identity },
  { method, params }: { readonly method: string; readonly params: Fields },
): Outcome | undefined {
  switch (method) {
    case 'initialize': {
      const asked = protocolVersions.find((version) => version === params.protocolVersion)
      const protocolVersion = asked ?? protocolVersions[0]
      return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo } }
    }
    case 'ping':
      return { result: {} }
    case 'tools/list':
      return { result: { tools } }
    case 'tools/call':
      return callTool(session, params)
    default:
      return undefined
  }
}
