import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { vi } from 'vitest'
import { temporaryFolder } from './directories.ts'
import { freePort } from './free-port.ts'

/** The programs that it takes: the driver, which starts the browser, and a display without a screen. */
export interface WebKitPrograms {
  readonly driver: string
  readonly display: string
}

/** WebKitGTK with one page, by the protocol of WebDriver. */
export interface WebKit extends AsyncDisposable {
  readonly version: string
  goto(url: string): Promise<void>
  /** Gives what the expression evaluates to, awaited, as JSON carries it. */
  evaluate(expression: string): Promise<unknown>
}

/** How long it may take to start, on a machine that has other work. */
const startMs = 60_000

export async function startWebKit({ driver, display }: WebKitPrograms): Promise<WebKit> {
  const home = await temporaryFolder()
  const children: ChildProcess[] = []
  const stop = async () => {
    // The browser is in the driver's process group.
    for (const child of children.reverse()) endGroup(child)
    process.off('exit', endAll)
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  const endAll = () => children.forEach(endGroup)
  process.once('exit', endAll)
  try {
    const server = spawn(display, ['-displayfd', '3', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      detached: true,
    })
    children.push(server)
    const number = await firstLine(server)
    const port = await freePort()
    children.push(
      spawn(driver, [`--port=${port}`, '--host=127.0.0.1'], {
        stdio: 'ignore',
        detached: true,
        env: {
          PATH: process.env.PATH,
          DISPLAY: `:${number}`,
          HOME: home,
          XDG_RUNTIME_DIR: home,
          // No settings, sounds or people of this machine.
          GSETTINGS_BACKEND: 'memory',
          GIO_USE_VFS: 'local',
          NO_AT_BRIDGE: '1',
        },
      }),
    )
    return await openSession(`http://127.0.0.1:${port}`, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function openSession(url: string, stop: () => Promise<void>): Promise<WebKit> {
  await vi.waitUntil(
    () =>
      command(url, 'GET', '/status').then(
        () => true,
        () => false,
      ),
    {
      timeout: startMs,
      interval: 100,
    },
  )
  const { sessionId, capabilities } = await command(url, 'POST', '/session', {
    capabilities: { alwaysMatch: { timeouts: { script: 300_000, pageLoad: 120_000 } } },
  })
  const session = `/session/${sessionId}`
  return {
    version: String(Object(capabilities).browserVersion),
    goto: (address) => command(url, 'POST', `${session}/url`, { url: address }),
    evaluate: (expression) =>
      command(url, 'POST', `${session}/execute/sync`, { script: `return ${expression}`, args: [] }),
    [Symbol.asyncDispose]: async () => {
      await command(url, 'DELETE', session).catch(() => undefined)
      await stop()
    },
  }
}

/** @see https://www.w3.org/TR/webdriver2/#endpoints */
// biome-ignore lint/suspicious/noExplicitAny: each command has an answer of its own
async function command(url: string, method: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(method === 'POST' ? 300_000 : 10_000),
  })
  const { value } = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`)
  return value
}

/** What the display server says of itself on its own channel. */
async function firstLine({ stdio: [, , , pipe] }: ChildProcess): Promise<string> {
  if (!pipe) throw new Error('The display server has no channel.')
  const [said] = await once(pipe, 'data', { signal: AbortSignal.timeout(startMs) })
  return String(said).trim()
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
