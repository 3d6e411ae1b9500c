import { AuthError } from '../../errors/auth-error.ts'
import type { McpSdk, OfficialTransportClass } from './official.ts'
import type { McpSdkChoice } from './options.ts'

/** One class of the official SDK. */
type ClassName = keyof McpSdk

/**
 * A class of the official SDK, which is a peer: loaded on first use, from the version that is there.
 *
 * @throws AuthError `config_invalid`, naming the package that is missing
 */
export async function loadTransportClass(
  name: ClassName,
  choice: McpSdkChoice | undefined,
): Promise<OfficialTransportClass> {
  const sdk = await loadSdk(name, choice)
  const found = sdk[name]
  if (typeof found === 'function') return found
  throw new AuthError('config_invalid', `What was given as sdk has no ${name}.`, {
    hint: `Pass the module @modelcontextprotocol/client, or an object with ${name} of @modelcontextprotocol/sdk.`,
  })
}

async function loadSdk(name: ClassName, choice: McpSdkChoice | undefined): Promise<McpSdk> {
  if (typeof choice === 'object') return choice
  if (choice === 'v1') return loadV1(name)
  try {
    return await loadV2()
  } catch (error) {
    if (choice === 'v2') throw error
    // Neither is there: the one to install is version 2.
    return loadV1(name).catch(() => {
      throw error
    })
  }
}

// Each `import()` stands in a `try`, by which a bundler knows that the package may be missing.

async function loadV2(): Promise<McpSdk> {
  try {
    return await import('@modelcontextprotocol/client')
  } catch (cause) {
    throw notThere('@modelcontextprotocol/client', cause)
  }
}

/** In version 1 each transport is a module of its own. */
async function loadV1(name: ClassName): Promise<McpSdk> {
  try {
    return name === 'SSEClientTransport'
      ? await import('@modelcontextprotocol/sdk/client/sse.js')
      : await import('@modelcontextprotocol/sdk/client/streamableHttp.js')
  } catch (cause) {
    throw notThere('@modelcontextprotocol/sdk', cause)
  }
}

function notThere(name: string, cause: unknown): AuthError {
  return new AuthError('config_invalid', `The package ${name} could not be loaded.`, {
    cause,
    hint: `Run npm install ${name}, or pass the MCP SDK as the option sdk.`,
  })
}
