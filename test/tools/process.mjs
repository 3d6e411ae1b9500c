import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { root } from './paths.mjs'

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] in addition to our own
 * @property {number} [timeoutMs] after which the program and its children are ended; default 10 minutes
 * @property {boolean} [show] lets its output through to ours instead of collecting it
 */

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} [args]
 * @param {RunOptions} [options]
 */
export async function run(command, args = [], options = {}) {
  const { cwd = root, env, timeoutMs = 600_000, show = false } = options
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    // A process group of its own, so that its children can be ended with it.
    detached: true,
  })
  const endGroup = () => endProcessGroup(child.pid)
  const timer = setTimeout(() => {
    console.error(`${command} was ended: it took longer than ${timeoutMs / 60_000} minutes.`)
    endGroup()
  }, timeoutMs)
  process.once('exit', endGroup)
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    output.stderr += text
  })
  try {
    const [code] = await once(child, 'close')
    return { code: typeof code === 'number' ? code : 1, ...output }
  } finally {
    clearTimeout(timer)
    process.off('exit', endGroup)
  }
}

/**
 * The same for a program that has to succeed.
 *
 * @param {string} command
 * @param {readonly string[]} [args]
 * @param {RunOptions} [options]
 * @returns {Promise<string>} what it wrote to stdout
 */
export async function runOrThrow(command, args = [], options = {}) {
  const { code, stdout, stderr } = await run(command, args, options)
  if (code === 0) return stdout
  throw new Error(`${[command, ...args].join(' ')} ended with ${code}.\n${stdout}${stderr}`.trim())
}

/** @param {number | undefined} pid of its leader */
function endProcessGroup(pid) {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
