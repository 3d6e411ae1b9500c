import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium, type Page } from 'playwright-core'
import { onTestFinished, type TestContext } from 'vitest'
import { browserPath, chromiumArguments } from '../../support/browsers.ts'
import { startCodeServer } from '../../support/code-server.ts'
import { temporaryDirectory } from '../../support/directories.ts'
import { pathOf } from '../../support/path-of.ts'
import { ensureCodeServer } from '../../tools/code-server.mjs'
import type { Actions } from './fixtures/extension.ts'

const extension = fileURLToPath(new URL('./fixtures/extension.ts', import.meta.url))

/** An editor in a browser, with the extension in its extension host. */
export interface RunningEditor {
  readonly page: Page
  /** Has the extension do something. */
  perform(action: keyof Actions, url?: string): Promise<{ value?: unknown; error?: unknown }>
}

/** Starts everything anew, until the end of the test. */
export async function startEditor(
  context: TestContext,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RunningEditor> {
  const program = pathOf(await ensureCodeServer(), context)
  const executablePath = await browserPath('chromium', context)
  const folder = await temporaryDirectory()
  await makeExtension(join(folder, 'extension'))
  const ready = await listenForExtension()
  const address = await startCodeServer(program, {
    folder,
    env: { ...env, EXTENSION_READY_URL: ready.url },
  })
  const browser = await chromium.launch({ executablePath, args: chromiumArguments })
  onTestFinished(() => browser.close())
  const page = await (await browser.newContext()).newPage()
  const { host } = new URL(address)
  const payload = [
    ['extensionDevelopmentPath', `vscode-remote://${host}${join(folder, 'extension')}`],
    ['skipWelcome', 'true'],
  ]
  const query = new URLSearchParams({
    folder: join(folder, 'work'),
    payload: JSON.stringify(payload),
  })
  await page.goto(`${address}?${query}`)
  const port = await ready.port
  return {
    page,
    async perform(action, url = '') {
      const answer = await fetch(
        `http://127.0.0.1:${port}/${action}?${new URLSearchParams({ url })}`,
      )
      return JSON.parse(await answer.text())
    },
  }
}

async function makeExtension(folder: string): Promise<void> {
  await build({
    entryPoints: [extension],
    outfile: join(folder, 'extension.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode'],
    logLevel: 'error',
  })
  const manifest = {
    name: 'mcp-client',
    publisher: 'lanonasis',
    version: '1.0.0',
    engines: { vscode: '^1.90.0' },
    main: './extension.cjs',
    extensionKind: ['workspace'],
    activationEvents: ['onStartupFinished', 'onUri'],
    capabilities: { untrustedWorkspaces: { supported: true } },
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
}

/** The extension says on which port it listens. */
async function listenForExtension(): Promise<{ url: string; port: Promise<number> }> {
  let tell = (_port: number) => {}
  const port = new Promise<number>((resolve) => {
    tell = resolve
  })
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.end()
    tell(JSON.parse(body).port)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port: own } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${own}/`, port }
}
