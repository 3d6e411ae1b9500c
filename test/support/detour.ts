import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** An address in front of a service, which can be switched off: then its connections are refused. */
export interface Detour {
  readonly origin: string
  up(): Promise<void>
  down(): Promise<void>
}

/** Takes a free port for `target`. It is down at first. */
export async function detourTo(target: string): Promise<Detour> {
  const { hostname, port: targetPort } = new URL(target)
  const sockets = new Set<Socket>()
  let server: Server | undefined

  const listen = (port: number) =>
    new Promise<Server>((resolve, reject) => {
      const started = createServer((incoming) => {
        const outgoing = connect(Number(targetPort), hostname)
        for (const [socket, other] of [
          [incoming, outgoing],
          [outgoing, incoming],
        ] as const) {
          sockets.add(socket)
          socket.pipe(other)
          socket.on('error', () => other.destroy())
          socket.on('close', () => {
            sockets.delete(socket)
            other.destroy()
          })
        }
      })
      started.once('error', reject)
      started.listen(port, '127.0.0.1', () => resolve(started))
    })
  const close = (started: Server | undefined) =>
    new Promise<void>((resolve) => {
      if (started === undefined) return resolve()
      started.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })

  const reserved = await listen(0)
  const { port } = reserved.address() as AddressInfo
  await close(reserved)
  onTestFinished(() => close(server))
  return {
    origin: `http://127.0.0.1:${port}`,
    async up() {
      server = await listen(port)
    },
    async down() {
      await close(server)
      server = undefined
    },
  }
}
