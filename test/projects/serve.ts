import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { shellEnv } from '../tools/process.mjs'
import type { FreshProject } from './fresh-project.ts'

/**
 * Runs the script `start` of a project until the end of the test.
 *
 * @returns the origin that it says it serves
 */
export async function serve(
  { folder }: FreshProject,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn('npm', ['run', '--silent', 'start'], {
    cwd: folder,
    env: { ...shellEnv(), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    // npm's own children have to end with it.
    detached: true,
  })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    const isRunning = child.exitCode === null && child.signalCode === null
    if (isRunning && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await ended
  })
  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    const [, port] = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(line) ?? []
    if (port === undefined) continue
    child.stdout.resume()
    return `http://127.0.0.1:${port}`
  }
  throw new Error(`It ended without having said where it serves.\n${said}`)
}
