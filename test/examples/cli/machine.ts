import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import {
  type ServedPlatform,
  type ServePlatformOptions,
  servePlatform,
} from '../../../src/testing-node.ts'
import { defaultBrowser } from '../../support/default-browser.ts'
import { temporaryDirectory } from '../../support/directories.ts'
import { type Terminal, typeAt } from '../../support/pseudo-terminal.ts'
import { copyOf } from '../copies.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** What it has written to standard error so far. */
  readonly stderr: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  /** Nobody reads its standard output any more. */
  readonly closeOutput: () => void
}

interface RunOptions {
  readonly env?: Record<string, string>
  /** For standard input, which is closed then; without, it is empty. */
  readonly input?: string
  readonly args?: readonly string[]
}

/** A person's machine with the command line on it, and the services. */
export interface Machine {
  readonly platform: ServedPlatform
  readonly home: string
  readonly main: string
  readonly config: string
  readonly env: Record<string, string>
  /** Runs a command as a person types it, with its output piped. */
  run(line: string, options?: RunOptions): Promise<Ended>
  start(line: string, options?: RunOptions): Running
  /** The same on a terminal. */
  type(line: string, env?: Record<string, string>): Terminal
  /** The address that the browser was opened with; it is the first one since the last call. */
  opened(): Promise<string>
  /** The person signs in with the browser that was opened, and it comes back to the program. */
  signInWithBrowser(): Promise<void>
  /** Somebody is signed in. */
  signedIn(): Promise<void>
}

/** Until the end of the test. */
export async function machine(options: ServePlatformOptions = {}): Promise<Machine> {
  const main = join(await copyOf('cli'), 'dist/src/main.js')
  const platform = await servePlatform({ limits: false, ...options })
  onTestFinished(() => platform.close())
  const home = await temporaryDirectory()
  const { folder, opened } = await defaultBrowser()
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    HOME: home,
    // So that a browser is at hand, wherever these tests run.
    DISPLAY: ':0',
    ...platform.env,
  }
  const start: Machine['start'] = (line, { env: more = {}, input = '', args = [] } = {}) => {
    const argv = [main, ...line.split(' ').filter((word) => word !== ''), ...args]
    const child = spawn(process.execPath, argv, { env: { ...env, ...more } })
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text
      })
    }
    return {
      pid: child.pid ?? 0,
      ended: once(child, 'close').then(([code]) => ({ code, ...said })),
      stderr: () => said.stderr,
      kill: (signal) => void child.kill(signal),
      closeOutput: () => void child.stdout.destroy(),
    }
  }
  return {
    platform,
    home,
    main,
    config: join(home, '.maas.config'),
    env,
    start,
    run: (line, more) => start(line, more).ended,
    type: (line, more = {}) =>
      typeAt(`stty cols 100 rows 40; "${process.execPath}" "${main}" ${line}`, { ...env, ...more }),
    opened,
    async signInWithBrowser() {
      const response = await fetch(await platform.signIn(await opened()))
      expect(response.status).toBe(200)
    },
    async signedIn() {
      const login = start('auth login --method browser --port 0')
      await fetch(await platform.signIn(await opened()))
      expect(await login.ended).toMatchObject({ code: 0 })
      platform.requests.length = 0
    },
  }
}

/** The one JSON value that a command with `--json` has printed. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into it as a script does, without a schema
export function jsonOf({ stdout }: Ended): any {
  return JSON.parse(stdout)
}
