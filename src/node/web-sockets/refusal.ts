import type { IncomingMessage } from 'node:http'

/** More than any service says about a refusal. */
const maximalBytes = 65_536

/** The answer to a handshake, when it is not a socket. One that breaks off is taken as far as it came. */
export async function readRefusal(message: IncomingMessage): Promise<Response | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of message) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > maximalBytes) break
    }
  } catch {
    // What there is says enough.
  }
  const headers = new Headers()
  const { rawHeaders, statusCode: status = 0 } = message
  try {
    for (let at = 0; at < rawHeaders.length; at += 2) {
      headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
    }
    const isBodyless = status === 204 || status === 205 || status === 304
    return new Response(isBodyless ? null : Buffer.concat(chunks), { status, headers })
  } catch {
    // A status or a header that none can have.
    return undefined
  }
}
