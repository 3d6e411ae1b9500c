import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.js', import.meta.url))

export interface CliOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Told what it writes to standard error, which is shown as well. */
  readonly onNote?: (text: string) => void
}

/** Runs `lanonasis` as a person would. @returns its standard output and exit code */
export async function lanonasis(args: readonly string[], { env, onNote }: CliOptions = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['inherit', 'pipe', onNote ? 'pipe' : 'inherit'],
  })
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text)
    onNote?.(text)
  })
  const [code] = await once(child, 'close')
  return { stdout, code: typeof code === 'number' ? code : 1 }
}
