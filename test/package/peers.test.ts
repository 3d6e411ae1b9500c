import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, inject, it } from 'vitest'
import { packageName } from '../tools/package.mjs'
import { root } from '../tools/paths.mjs'
import { runOrThrow } from '../tools/process.mjs'

const consumer = inject('consumer')

/** A program that starts a transport over Streamable HTTP, which sends nothing yet, and says what came of it. */
async function program(format: 'esm' | 'cjs'): Promise<string> {
  const names = '{ LanonasisClient, memoryStore }'
  const load = {
    esm: `import ${names} from '${packageName}'`,
    cjs: `const ${names} = require('${packageName}')`,
  }[format]
  const path = join(consumer, `transport.${format === 'esm' ? 'mjs' : 'cjs'}`)
  await writeFile(
    path,
    `${load}
    const tokens = { accessToken: 'a'.repeat(64), refreshToken: 'r'.repeat(86), expiresAt: Date.now() + 900_000 }
    const store = memoryStore({ tokens: { ...tokens, scope: '' } })
    const client = new LanonasisClient({ clientId: 'lanonasis-cli', env: {}, store })
    const sdk = process.argv[2]
    const start = () => client.mcp.transport('http', { sdk }).start()
    start().then(() => 'started', (error) => error).then((result) => console.log(JSON.stringify(result)))`,
  )
  return path
}

describe.each(['esm', 'cjs'] as const)('a program without the MCP SDK, as %s', (format) => {
  it('learns which package to install, on first use', async () => {
    const output = await runOrThrow('node', [await program(format)], { cwd: consumer })
    expect(JSON.parse(output)).toMatchObject({
      code: 'config_invalid',
      hint: expect.stringContaining('npm install @modelcontextprotocol/client'),
    })
  })

  it('can be bundled', async () => {
    const { errors, warnings } = await build({
      entryPoints: [await program(format)],
      bundle: true,
      write: false,
      platform: 'node',
      format,
      logLevel: 'silent',
    })
    expect([...errors, ...warnings]).toEqual([])
  })
})

describe('a program of CommonJS with the MCP SDK', () => {
  it.each(['v1', 'v2'])('starts a transport of %s', async (sdk) => {
    const output = await runOrThrow('node', [await program('cjs'), sdk], {
      cwd: consumer,
      env: { NODE_PATH: join(root, 'node_modules') },
    })
    expect(JSON.parse(output)).toBe('started')
  })
})
