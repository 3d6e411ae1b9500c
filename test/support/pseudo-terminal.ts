import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished } from 'vitest'
import { run } from '../tools/process.mjs'
import { buildProgram } from './program.ts'
import { requirePrograms } from './system-packages.ts'

/** A program on a terminal of its own, as a person has it before them. */
export interface Terminal {
  /** Everything that was on the screen so far. */
  readonly screen: () => string
  /** Waits until the screen shows this, and gives what is in its first group, or all of it. */
  readonly sees: (pattern: RegExp) => Promise<string>
  /** Types, or pastes. Enter is `\r`, Ctrl-C `\x03`. */
  readonly type: (text: string) => void
  /** How the program ended: 130 is Ctrl-C. */
  readonly ended: Promise<number | null>
}

/**
 * Why no program can be run on a terminal here: that takes `script` of util-linux, which gives a pseudo-terminal and
 * passes on what we write. macOS has another one by that name, with other options.
 */
export async function missingTerminal(): Promise<string | undefined> {
  const { paths, missing } = await requirePrograms({ names: ['script'], package: 'bsdutils' })
  const [script] = paths
  if (script === undefined) return missing
  const { stdout } = await run(script, ['--version'])
  return stdout.includes('util-linux') ? undefined : `${script} is not that of util-linux.`
}

/** Needs what {@link missingTerminal} looks for. */
export async function runOnTerminal(code: string, env: Record<string, string>): Promise<Terminal> {
  const program = await buildProgram(code)
  return typeAt(`exec "${process.execPath}" "${program}"`, env)
}

/** The same for a line as a person types it at a shell. */
export function typeAt(line: string, env: Record<string, string>): Terminal {
  const child = spawn('script', ['-qfec', line, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const screen = () => text.replaceAll('\r', '')
  const find = (pattern: RegExp) => {
    const found = pattern.exec(screen())
    return found?.[1] ?? found?.[0]
  }
  return {
    screen,
    sees: async (pattern) => {
      const limit = { timeout: 20_000, interval: 20, message: `The screen shows no ${pattern}` }
      await expect.poll(screen, limit).toMatch(pattern)
      return find(pattern) ?? ''
    },
    type: (keys) => void child.stdin.write(keys),
    ended: once(child, 'close').then(([exit]) => exit),
  }
}
