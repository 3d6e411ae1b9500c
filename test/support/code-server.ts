import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { runOrThrow } from '../tools/process.mjs'

const quietSettings = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
}

/** Where an editor works, and with what. */
export interface CodeServerOptions {
  /** For all that it writes: `home`, `work` (to be opened), `user`, `extensions`. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The path of a packed extension, to be installed. */
  readonly extension?: string
  /** The person's settings besides those that keep the editor quiet. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Whether a folder is asked about before it is trusted; default `false`. */
  readonly asksForTrust?: boolean
  /** What runs it; default: what runs this. */
  readonly node?: string
}

/**
 * Starts the editor on a port of its own, until the end of the test.
 * @returns its address
 */
export async function startCodeServer(
  program: string,
  {
    folder,
    env,
    extension,
    settings = {},
    asksForTrust = false,
    node = process.execPath,
  }: CodeServerOptions,
): Promise<string> {
  const user = join(folder, 'user')
  await Promise.all(
    [join(user, 'User'), join(folder, 'work'), join(folder, 'home')].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  )
  const all = {
    ...quietSettings,
    'security.workspace.trust.enabled': asksForTrust,
    'security.workspace.trust.startupPrompt': 'never',
    ...settings,
  }
  await writeFile(join(user, 'User/settings.json'), JSON.stringify(all))
  const flags = ['--auth', 'none', '--bind-addr', '127.0.0.1:0']
  const trust = asksForTrust ? [] : ['--disable-workspace-trust']
  const quiet = ['--disable-telemetry', '--disable-update-check', ...trust]
  const places = ['--user-data-dir', user, '--extensions-dir', join(folder, 'extensions')]
  const config = ['--config', join(folder, 'config.yaml')]
  const environment = { PATH: process.env.PATH, HOME: join(folder, 'home'), ...env }
  if (extension !== undefined) {
    const install = [program, ...config, ...places, '--install-extension', extension]
    await runOrThrow(node, install, { env: environment })
  }
  const child = spawn(node, [program, ...config, ...flags, ...quiet, ...places], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: it starts the editor and the extension host.
    detached: true,
  })
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
    }
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /HTTP server listening on (\S+)/.exec(line)?.[1]
    if (address !== undefined) {
      child.stdout.resume()
      child.stderr.resume()
      return address
    }
  }
  throw new Error('code-server has ended.')
}
