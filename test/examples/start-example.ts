import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../support/directories.ts'
import { shellEnv } from '../tools/process.mjs'
import { copyOf } from './copies.ts'

/** An example that serves a page, as its command has started it. */
export interface StartedExample {
  /** What it said, up to how it is stopped. */
  readonly said: string
  readonly url: string
  readonly email: string
  readonly password: string
  /** Presses Ctrl-C. @returns how it ended */
  interrupt(): Promise<number | null>
}

/** Runs `npm run <script>` in a copy of its own, since the script may build there. */
export async function startExample(name: string, script: string): Promise<StartedExample> {
  const copy = await copyOf(name)
  const folder = join(await temporaryDirectory(), name)
  await cp(copy, folder, {
    recursive: true,
    filter: (path) => ![join(copy, 'node_modules'), join(copy, 'dist')].includes(path),
  })
  await symlink(join(copy, 'node_modules'), join(folder, 'node_modules'))

  const child = spawn('npm', ['run', '--silent', script], {
    cwd: folder,
    env: shellEnv(),
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ctrl-C goes to all that a terminal has started, and so does the end of the test.
    detached: true,
  })
  const ended = once(child, 'close')
  const signal = (which: NodeJS.Signals) => {
    const hasEnded = child.exitCode !== null || child.signalCode !== null
    if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, which)
  }
  onTestFinished(() => signal('SIGKILL'))

  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    if (line.includes('Ctrl-C')) break
  }
  child.stdout.resume()
  const [, url = ''] = / is at (\S+)/.exec(said) ?? []
  const [, email = '', password = ''] = /as (\S+) with the password "(.+)"/.exec(said) ?? []
  return {
    said,
    url,
    email,
    password,
    async interrupt() {
      signal('SIGINT')
      const [code] = await ended
      return typeof code === 'number' ? code : null
    },
  }
}
