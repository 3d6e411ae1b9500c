import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { root } from './paths.mjs'

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] in addition to what a person's shell has
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
  const child = spawn(...startable(command, args), {
    cwd,
    env: { ...shellEnv(), ...env },
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    // A process group of its own, so that its children can be ended with it. On Windows it would be a window.
    detached: !isWindows,
    shell: isWindows && !isProgram(command),
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

/**
 * The variables of the shell that runs the tests, without those that vitest sets in its workers: a program takes
 * `NODE_ENV=test` to mean that it is under test itself, and Vite builds a page for development with it.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function shellEnv() {
  if (process.env.VITEST === undefined) return process.env
  const ofVitest = /^(VITEST(_.*)?|NODE_ENV|TEST|MODE|DEV|PROD|SSR|BASE_URL)$/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofVitest.test(name)))
}

const isWindows = process.platform === 'win32'

/**
 * On Windows npm and the tools of `node_modules/.bin` are scripts, which only a shell starts. They are given
 * names and options; what could mean something to the shell goes to programs.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[string, string[]]}
 */
function startable(command, args) {
  if (!isWindows || isProgram(command)) return [command, [...args]]
  return [`"${command}"`, args.map((arg) => `"${arg}"`)]
}

/** @param {string} command */
function isProgram(command) {
  return command.endsWith('.exe')
}

/** @param {number | undefined} pid of its leader */
function endProcessGroup(pid) {
  if (pid === undefined) return
  if (isWindows) {
    spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore' })
    return
  }
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
