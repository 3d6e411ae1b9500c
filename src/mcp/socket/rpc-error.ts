import { AuthError } from '../../errors/auth-error.ts'
import type { AuthErrorCode } from '../../errors/definitions.ts'
import { redact } from '../../errors/redact.ts'
import type { JsonRpcFailure } from '../json-rpc.ts'

/** JSON-RPC 2.0 §5.1, and MCP's own for a resource that is not there. */
const byCode: Readonly<Record<number, AuthErrorCode>> = {
  [-32_600]: 'validation_failed',
  [-32_601]: 'not_found',
  [-32_602]: 'validation_failed',
  [-32_002]: 'not_found',
}

/** The one typed error for an error answer; decide on `rpcCode` where the method has codes of its own. */
export function rpcError({ error }: JsonRpcFailure, host: string): AuthError {
  const { code, message, data } = error
  const said = redact(message)
  return new AuthError(
    byCode[code] ?? 'server_error',
    said === '' ? `${host} answered ${code}.` : `${host} answered ${code}: ${said}`,
    {
      rpc: { code, data },
      ...(code === -32_601 ? { hint: 'The other side does not know this method.' } : {}),
    },
  )
}
