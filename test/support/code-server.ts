import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { runOrThrow } from '../tools/process.mjs'

const settings = {
  'security.workspace.trust.enabled': false,
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
}

/**
 * Starts the editor on a port of its own, until the end of the test.
 * @returns its address
 */
export async function startCodeServer(
  program: string,
  { folder, env, extension }: CodeServerOptions,
): Promise<string> {
  const user = join(folder, 'user')
  await Promise.all(
    [join(user, 'User'), join(folder, 'work'), join(folder, 'home')].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  )
  await writeFile(join(user, 'User/settings.json'), JSON.stringify(settings))
  const flags = ['--auth', 'none', '--bind-addr', '127.0.0.1:0']
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust']
  const places = ['--user-data-dir', user, '--extensions-dir', join(folder, 'extensions')]
  const config = ['--config', join(folder, 'config.yaml')]
  const environment = { PATH: process.env.PATH, HOME: join(folder, 'home'), ...env }
  if (extension !== undefined) {
    const install = [program, ...config, ...places, '--install-extension', extension]
    await runOrThrow(process.execPath, install, { env: environment })
  }
  const child = spawn(process.execPath, [program, ...config, ...flags, ...quiet, ...places], {
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
