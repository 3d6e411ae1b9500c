import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type LoopbackFlowOptions, loopbackFlow } from '../../../src/node.ts'
import { configPath } from '../../support/directories.ts'
import { openConnection, type RawAnswer, rawRequest } from '../../support/raw-http.ts'
import { clientOn, served, visit } from '../clients.ts'

/** What an attacker on this machine, or a page in its browser, knows: the address of the callback. */
interface Target {
  readonly callback: string
  readonly port: string
  /** What only the browser of the person knows. */
  readonly state: string
}

/**
 * A real sign-in at the services, attacked between the opening of the browser and its coming back.
 * Gives how long the rest of it took.
 */
async function signInUnder(
  attack: (target: Target) => Promise<void>,
  options: LoopbackFlowOptions = {},
): Promise<number> {
  const platform = await served()
  let attackedAt = 0
  const login = loopbackFlow({
    ports: [0],
    ...options,
    openUrl: async (url) => {
      const { searchParams } = new URL(url)
      const callback = searchParams.get('redirect_uri') ?? ''
      const state = searchParams.get('state') ?? ''
      await attack({ callback, port: new URL(callback).port, state })
      expect(platform.requestsTo('POST /oauth/token')).toEqual([])
      attackedAt = performance.now()
      expect((await visit(platform, url)).status).toBe(200)
    },
  })
  const client = clientOn(platform, { path: await configPath(), login })
  expect(await client.login()).toMatchObject({ status: 'signed-in' })
  expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  return performance.now() - attackedAt
}

/** Longer than a sign-in takes on a busy machine, and shorter than any limit of the listener. */
const promptMs = 4_000

async function expectTurnedAway(answer: Promise<RawAnswer>, status: number): Promise<void> {
  const { status: said, body } = await answer
  expect(said).toBe(status)
  expect(body).not.toMatch(/<script|signed in/i)
}

/** Sends a text as it is, and gives what comes back until the connection ends. */
async function sendText(url: string, text: string): Promise<string> {
  const socket = await openConnection(url)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(text)
  // Not `once`, which fails at a reset: that is an answer, too.
  if (!socket.closed) await new Promise((resolve) => socket.on('close', resolve))
  return Buffer.concat(chunks).toString('latin1')
}

const stolen = 'code=stolen-code-of-another-person'

describe('a sign-in goes on, undisturbed and undelayed, although somebody sends its listener', () => {
  it('a wrong state', async () => {
    await signInUnder(({ callback }) =>
      expectTurnedAway(rawRequest(`${callback}?${stolen}&state=wrong`), 400),
    )
  })

  it('no state', async () => {
    await signInUnder(({ callback }) => expectTurnedAway(rawRequest(`${callback}?${stolen}`), 400))
  })

  it('an empty state', async () => {
    await signInUnder(({ callback }) =>
      expectTurnedAway(rawRequest(`${callback}?${stolen}&state=`), 400),
    )
  })

  it('the right state twice', async () => {
    await signInUnder(({ callback, state }) =>
      expectTurnedAway(rawRequest(`${callback}?${stolen}&state=${state}&state=${state}`), 400),
    )
  })

  it('the right state and a wrong one', async () => {
    await signInUnder(({ callback, state }) =>
      expectTurnedAway(rawRequest(`${callback}?${stolen}&state=wrong&state=${state}`), 400),
    )
  })

  it('a part of the right state, and more than it', async () => {
    await signInUnder(async ({ callback, state }) => {
      for (const guess of [state.slice(0, -1), `${state}x`, state.toUpperCase()]) {
        await expectTurnedAway(rawRequest(`${callback}?${stolen}&state=${guess}`), 400)
      }
    })
  })

  it('the right state in the fragment, in a header and in a cookie', async () => {
    await signInUnder(async ({ callback, state }) => {
      const headers = { cookie: `state=${state}`, state, referer: `${callback}?state=${state}` }
      await expectTurnedAway(rawRequest(`${callback}?${stolen}`, { headers }), 400)
      // The parser of Node refuses a fragment, or the listener does.
      const path = `/callback?${stolen}#state=${state}`
      await expectTurnedAway(rawRequest(callback, { path }), 400)
    })
  })

  it('an error without our state', async () => {
    await signInUnder(async ({ callback }) => {
      await expectTurnedAway(rawRequest(`${callback}?error=access_denied`), 400)
      await expectTurnedAway(rawRequest(`${callback}?error=access_denied&state=wrong`), 400)
    })
  })

  it('the question for an icon, before and after', async () => {
    await signInUnder(({ callback }) =>
      expectTurnedAway(rawRequest(callback, { path: '/favicon.ico' }), 404),
    )
  })

  it('HEAD, as a scanner of links does, with the right state', async () => {
    await signInUnder(async ({ callback, state }) => {
      const url = `${callback}?${stolen}&state=${state}`
      expect(await rawRequest(url, { method: 'HEAD' })).toMatchObject({ status: 405, body: '' })
    })
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'])(
    '%s with the right state',
    async (method) => {
      await signInUnder(({ callback, state }) =>
        expectTurnedAway(rawRequest(`${callback}?${stolen}&state=${state}`, { method }), 405),
      )
    },
  )

  it('POST with a body that never ends', async () => {
    await signInUnder(async ({ callback, port }) => {
      const socket = await openConnection(callback)
      const head = `POST /callback HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000000\r\n\r\n`
      const answered = once(socket, 'data')
      socket.write(`${head}${'x'.repeat(10_000)}`)
      expect(String((await answered)[0])).toContain('405')
    })
  })

  it('CONNECT, as to a proxy', async () => {
    await signInUnder(async ({ callback }) => {
      await sendText(callback, 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n')
    })
  })

  it('the wish for a WebSocket, with the right state', async () => {
    await signInUnder(async ({ callback, port, state }) => {
      const text = await sendText(
        callback,
        `GET /callback?state=${state}x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n`,
      )
      expect(text).not.toContain(' 101 ')
    })
  })

  it('the right answer under a foreign name: DNS rebinding', async () => {
    await signInUnder(async ({ callback, port, state }) => {
      const url = `${callback}?${stolen}&state=${state}`
      const names = [`evil.example:${port}`, `localhost:${port}`, `127.0.0.1.evil.example:${port}`]
      for (const host of [...names, '127.0.0.1', `[::1]:${port}`]) {
        await expectTurnedAway(rawRequest(url, { headers: { host } }), 421)
      }
    })
  })

  it('the right answer with two names, or with none', async () => {
    await signInUnder(async ({ callback, port, state }) => {
      const line = `GET /callback?${stolen}&state=${state}`
      const hosts = `Host: 127.0.0.1:${port}\r\nHost: evil.example\r\n`
      const close = 'Connection: close\r\n\r\n'
      expect(await sendText(callback, `${line} HTTP/1.1\r\n${hosts}${close}`)).toMatch(
        /^HTTP\/1.1 4/,
      )
      expect(await sendText(callback, `${line} HTTP/1.1\r\n${close}`)).toMatch(/^HTTP\/1.1 400/)
      expect(await sendText(callback, `${line} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1.1 421/)
    })
  })

  it('the right answer to another path', async () => {
    await signInUnder(async ({ callback, state }) => {
      const query = `?${stolen}&state=${state}`
      for (const path of [
        '/',
        '//callback',
        '/callback/',
        '/Callback',
        '/a/../callback',
        '/%63allback',
      ]) {
        await expectTurnedAway(rawRequest(callback, { path: `${path}${query}` }), 404)
      }
    })
  })

  it('markup, which it does not repeat', async () => {
    await signInUnder(async ({ callback }) => {
      const markup = encodeURIComponent('<script>alert(1)</script>')
      const query = `?error=${markup}&error_description=${markup}&state=${markup}`
      const { body } = await rawRequest(`${callback}${query}`)
      expect(body).not.toMatch(/script|alert/)
    })
  })

  it('a header without end', async () => {
    await signInUnder(async ({ callback }) => {
      const text = await sendText(
        callback,
        `GET /callback HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n`,
      )
      expect(text).not.toContain(' 200 ')
    })
  })

  it('something that is no HTTP', async () => {
    await signInUnder(async ({ callback }) => {
      for (const text of ['\x16\x03\x01\x02\x00\x01', 'SSH-2.0-x\r\n\r\n', '\0'.repeat(1_000)]) {
        await sendText(callback, text)
      }
    })
  })

  it('two requests at once, the second one with a guess', async () => {
    await signInUnder(async ({ callback, port }) => {
      const request = (query: string) =>
        `GET /callback?${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
      const text = await sendText(callback, request('state=a') + request('state=b'))
      expect(text).toMatch(/^HTTP\/1.1 400/)
    })
  })

  it('a thousand connections at once, each with a guess, and each is answered', async () => {
    const tookMs = await signInUnder(async ({ callback }) => {
      const guesses = Array.from({ length: 1_000 }, (_, index) =>
        rawRequest(`${callback}?${stolen}&state=guess-${index}`),
      )
      const statuses = (await Promise.all(guesses)).map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([400]))
    })
    expect(tookMs).toBeLessThan(promptMs)
  })

  it('a thousand connections that stay, and say nothing', async () => {
    const tookMs = await signInUnder(async ({ callback }) => {
      await Promise.all(Array.from({ length: 1_000 }, () => openConnection(callback)))
    })
    expect(tookMs).toBeLessThan(promptMs)
  })

  it('headers slowly, byte by byte: slow-loris', async () => {
    const sockets: Socket[] = []
    const timer = setInterval(() => {
      for (const socket of sockets) if (!socket.destroyed) socket.write('x')
    }, 50)
    onTestFinished(() => clearInterval(timer))
    const tookMs = await signInUnder(async ({ callback, port }) => {
      sockets.push(
        ...(await Promise.all(Array.from({ length: 200 }, () => openConnection(callback)))),
      )
      for (const socket of sockets) {
        socket.write(`GET /callback HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: `)
      }
    })
    expect(tookMs).toBeLessThan(promptMs)
  })

  it('headers slowly: each such connection is ended', async () => {
    await signInUnder(async ({ callback }) => {
      const socket = await openConnection(callback)
      socket.write('GET /callback HTTP/1.1\r\n')
      // Who waits for the answer reads.
      socket.resume()
      await once(socket, 'close')
    })
  })
})

describe.each([
  ['::1', 'http://[::1]:'],
  ['127.0.0.1', 'http://127.0.0.1:'],
] as const)('a listener on %s', (host, origin) => {
  it('★11 is named literally, and turns away what is meant for the other address', async () => {
    await signInUnder(
      async ({ callback, port, state }) => {
        expect(callback.startsWith(origin)).toBe(true)
        const other = host === '::1' ? `127.0.0.1:${port}` : `[::1]:${port}`
        const url = `${callback}?${stolen}&state=${state}`
        await expectTurnedAway(rawRequest(url, { headers: { host: other } }), 421)
      },
      { hosts: [host] },
    )
  })
})

describe('a listener on both addresses', () => {
  it('has one port, and names the first', async () => {
    await signInUnder(
      async ({ callback, port }) => {
        expect(callback).toBe(`http://127.0.0.1:${port}/callback`)
        await expectTurnedAway(rawRequest(`http://[::1]:${port}/callback?state=x`), 400)
        await expectTurnedAway(rawRequest(`http://127.0.0.1:${port}/callback?state=x`), 400)
      },
      { hosts: ['127.0.0.1', '::1'] },
    )
  })
})
