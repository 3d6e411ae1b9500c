import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { pidHeader } from './fixtures/protocol.ts'

/** A renewal on its way to the gateway. */
interface Passage {
  /** The process that sent it. */
  readonly pid: number
  /** Lets the gateway act on it; resolves when its answer is here, which nobody has seen yet. */
  readonly pass: () => Promise<void>
  /** Hands the answer on. */
  readonly answer: () => void
  /** Loses the connection. */
  readonly lose: () => void
  /** Fires when the process that sent it has given up or is gone. */
  readonly gone: Promise<void>
}

/** What becomes of a renewal; by default it passes and is answered. */
export type Warden = (passage: Passage) => Promise<void>

/** Stands before the gateway, so that a test can hold what is sent and what is answered. */
export interface Gate {
  readonly origin: string
  /** Holds this and the following renewals. */
  keep(warden: Warden): void
  /** How many renewals came here. */
  readonly renewals: number
}

export const freely: Warden = async ({ pass, answer }) => {
  await pass()
  answer()
}

/** Opens a gate before a service, until the end of the test. */
export async function gateBefore(target: string): Promise<Gate> {
  let warden = freely
  let renewals = 0

  const server = createServer((incoming, response) => {
    // Whoever asked has gone, or the platform has been closed.
    handle(incoming, response).catch(() => incoming.socket.destroy())
  })

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming)
    let answer: Response | undefined
    const pass = async () => {
      answer = await fetch(`${target}${incoming.url}`, forward(incoming, body))
    }
    const hand = async () => {
      if (answer !== undefined) await copy(answer, response)
    }
    if (!(incoming.url?.startsWith('/oauth/token') && body.includes('refresh_token'))) {
      await pass()
      return hand()
    }
    renewals += 1
    await warden({
      pid: Number(incoming.headers[pidHeader]),
      pass,
      answer: () => void hand().catch(() => incoming.socket.destroy()),
      lose: () => void incoming.socket.destroy(),
      gone: new Promise((resolve) => incoming.socket.once('close', () => resolve())),
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    keep(next) {
      warden = next
    },
    get renewals() {
      return renewals
    },
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

const hopByHop = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
])

function forward({ method = 'GET', headers }: IncomingMessage, body: string): RequestInit {
  const passed = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (!hopByHop.has(name) && value !== undefined) passed.set(name, String(value))
  }
  return { method, headers: passed, redirect: 'manual', ...(body === '' ? {} : { body }) }
}

async function copy(answer: Response, response: ServerResponse): Promise<void> {
  const text = await answer.text()
  if (response.destroyed) return
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) {
    if (!hopByHop.has(name) && name !== 'content-encoding') response.appendHeader(name, value)
  }
  response.end(text)
}
