import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from 'redis'
import { type OnTestFinishedHandler, onTestFinished, type TestContext } from 'vitest'
import { temporaryFolder } from '../../support/directories.ts'
import { freePort } from '../../support/free-port.ts'
import { requirePrograms } from '../../support/system-packages.ts'

const { paths, missing } = await requirePrograms({
  names: ['redis-server'],
  package: 'redis-server',
})

/** Why there is no Redis here; `undefined`: there is. */
export const obstacle: string | undefined = missing

/** For `beforeEach`: without a Redis the tests are skipped, and named with the reason. */
export function requireRedis(context: TestContext): void {
  if (obstacle !== undefined) context.skip(obstacle)
}

export type Client = Awaited<ReturnType<typeof connect>>

/** A real Redis on a loopback port of its own. */
export interface RedisServer {
  readonly url: string
  /** A client that is closed in the end. */
  connect(): Promise<Client>
  /** Ends the server, as a crash does, and lets it come back on the same port. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface RedisServerOptions {
  /** Whether it keeps what it has over a restart; default: it does not. */
  readonly durable?: boolean
  readonly cluster?: boolean
  /** When it is stopped; default: at the end of the test. */
  readonly atEnd?: (handler: OnTestFinishedHandler) => void
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export async function startRedis({
  durable = false,
  cluster = false,
  atEnd = onTestFinished,
}: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = await temporaryFolder()
  let port = 0
  const clients = new Set<Client>()
  let child: ChildProcess | undefined

  const server: RedisServer = {
    get url() {
      return `redis://127.0.0.1:${port}`
    },
    async connect() {
      const client = await connect(server.url)
      clients.add(client)
      return client
    },
    async start() {
      const settings = [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''],
        ...['--appendonly', durable ? 'yes' : 'no', '--appendfsync', 'always'],
        ...(cluster ? ['--cluster-enabled', 'yes'] : []),
      ]
      const started = spawn(paths[0] ?? '', settings, { stdio: ['ignore', 'pipe', 'pipe'] })
      child = started
      running.add(started)
      started.once('exit', () => running.delete(started))
      await ready(started)
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      for (const client of clients) client.destroy()
      await server.kill()
      await rm(join(directory), { recursive: true, force: true })
    },
  }
  atEnd(server.stop)
  for (let attempt = 1; ; attempt++) {
    port = await portFor(cluster)
    try {
      await server.start()
      return server
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (attempt === 5) throw error
    }
  }
}

/** Nodes of a cluster talk on the port that is 10,000 higher: theirs must not be among the highest. */
async function portFor(cluster: boolean): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (!cluster || port + 10_000 < 65_536) return port
  }
}

async function connect(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } })
  // It comes back by itself; who sends a command meanwhile is told.
  client.on('error', () => {})
  return client.connect()
}

async function ready({ stdout, stderr }: ChildProcess): Promise<void> {
  let said = ''
  stderr?.on('data', (chunk) => {
    said += chunk
  })
  if (stdout === null) throw new Error('The server has an output.')
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    said += chunk
    if (said.includes('Ready to accept connections')) {
      stdout.resume()
      return
    }
  }
  throw new Error(`Redis did not start: ${said}`)
}
