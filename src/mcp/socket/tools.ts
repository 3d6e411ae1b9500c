// Loaded with the first use of a socket.
import { AuthError } from '../../errors/auth-error.ts'
import { type Fields, fieldsOf, isFields, textOf } from '../../json/fields.ts'
import type {
  McpInitializeRequest,
  McpParams,
  McpRequestOptions,
  McpServerInfo,
  McpTool,
  McpToolResult,
} from './types.ts'

/** More pages than any server has; one that gives cursors without end stops here. */
const maximalPages = 1_000

/** What the helpers need of a socket. */
interface Caller {
  request(method: string, params: McpParams, options: McpRequestOptions): Promise<unknown>
  initialize(params: McpParams, options: McpRequestOptions): Promise<unknown>
}

export async function initialize(
  caller: Caller,
  { protocolVersion = '2025-11-25', capabilities = {}, clientInfo }: McpInitializeRequest,
  options: McpRequestOptions,
): Promise<McpServerInfo> {
  const params = {
    protocolVersion,
    capabilities,
    clientInfo: clientInfo ?? { name: 'lanonasis-auth-client', version: '0' },
  }
  const result = fieldsOf(await caller.initialize(params, options))
  const serverInfo = fieldsOf(result.serverInfo)
  return {
    protocolVersion: textOf(result.protocolVersion) ?? unknownForm('initialize'),
    name: textOf(serverInfo.name),
    version: textOf(serverInfo.version),
    capabilities: fieldsOf(result.capabilities),
    instructions: textOf(result.instructions),
  }
}

/** All pages, one after the other. */
export async function listTools(
  caller: Caller,
  options: McpRequestOptions,
): Promise<readonly McpTool[]> {
  const tools: McpTool[] = []
  let cursor: string | undefined
  for (let page = 1; page <= maximalPages; page++) {
    const params = cursor === undefined ? {} : { cursor }
    const result = fieldsOf(
      await caller.request('tools/list', params, { idempotent: true, ...options }),
    )
    if (!Array.isArray(result.tools)) return unknownForm('tools/list')
    for (const tool of result.tools) tools.push(toTool(fieldsOf(tool)))
    const next = textOf(result.nextCursor)
    if (next === undefined) return tools
    if (next === cursor) break
    cursor = next
  }
  return unknownForm('tools/list')
}

export async function callTool(
  caller: Caller,
  call: { readonly name: string; readonly args: McpParams },
  options: McpRequestOptions,
): Promise<McpToolResult> {
  const params = { name: call.name, arguments: call.args }
  const { content = [], ...result } = fieldsOf(await caller.request('tools/call', params, options))
  if (!Array.isArray(content) || !content.every(isPart)) return unknownForm('tools/call')
  return {
    isError: result.isError === true,
    content,
    structuredContent: isFields(result.structuredContent) ? result.structuredContent : undefined,
  }
}

function toTool(raw: Fields): McpTool {
  return {
    name: textOf(raw.name) ?? unknownForm('tools/list'),
    title: textOf(raw.title),
    description: textOf(raw.description),
    inputSchema: fieldsOf(raw.inputSchema),
    raw,
  }
}

function isPart(part: unknown): part is McpParams & { readonly type: string } {
  return isFields(part) && typeof part.type === 'string'
}

function unknownForm(method: string): never {
  throw new AuthError('invalid_response', `${method} was answered in an unknown form.`)
}
