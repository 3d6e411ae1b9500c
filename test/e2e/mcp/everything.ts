import { spawn } from 'node:child_process'
import { request as forward } from 'node:http'
import { onTestFinished } from 'vitest'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { freePort } from '../../support/free-port.ts'
import { root } from '../../tools/paths.mjs'
import { type GuardedServer, guardedServer } from './guard.ts'

const program = `${root}node_modules/@modelcontextprotocol/server-everything/dist/index.js`

/**
 * The official server that has everything, in a process of its own, until the end of the test. It checks no
 * credential: a guard of ours stands in front, and takes the credential off.
 */
export async function everythingServer(
  platform: ServedPlatform,
  transport: 'streamableHttp' | 'sse',
): Promise<GuardedServer> {
  const port = await startEverything(transport)
  return guardedServer(platform, (incoming, response) => {
    const { authorization: _, ...headers } = incoming.headers
    const { url, method } = incoming
    const outgoing = forward({ host: '127.0.0.1', port, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      response.flushHeaders()
      answer.pipe(response)
    })
    outgoing.on('error', () => response.destroy())
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
}

/** It cannot tell which port the system chose, so one is chosen for it; another program may be faster. */
async function startEverything(transport: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = spawn(process.execPath, [program, transport], {
      env: { PATH: process.env.PATH, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    let said = ''
    const started = await new Promise<boolean>((resolve) => {
      // Read to its end: it must not block when it says more.
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text
        if (/on port \d+/.test(said)) resolve(true)
      })
      child.on('exit', () => resolve(false))
    })
    if (started) return port
    if (attempt === 3) throw new Error(`server-everything does not start: ${said}`)
  }
}
