import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Starts the server of the measures. */
export async function startServer() {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)))
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The server of the measures has ended.')
    }),
  ])
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
