import { getEventListeners } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type {
  AuthorizationRequest,
  LoginContext,
  LoginGrant,
  LoginPrompt,
} from '../../../src/login/flow.ts'
import { listenOnLoopback } from '../../../src/node/loopback/listener.ts'
import { loopbackFlow } from '../../../src/node/loopback/loopback-flow.ts'
import { type PasteFlowOptions, pasteFlow } from '../../../src/node/paste/paste-flow.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { deferred, failure, settle } from '../../support/async.ts'
import { contextOf } from '../../support/login-context.ts'
import { rawRequest } from '../../support/raw-http.ts'

const state = 'a-state'
const code = 'a-code-that-is-long-enough'
const url = 'https://auth.example.com/authorize'
const grant: LoginGrant = { accessToken: new Secret('x'), tokenType: 'Bearer', kind: 'opaque' }

/** A sign-in whose person and server are the test's. */
function start(
  make: (readLine: ReturnType<typeof person>['readLine']) => {
    run: ReturnType<typeof pasteFlow>['run']
  },
  changes: Partial<LoginContext> & Partial<AuthorizationRequest> = {},
) {
  const { finish = async () => grant, takesCodeAlone = true, ...context } = changes
  const redirect = deferred<string>()
  const prompts: LoginPrompt[] = []
  const finished: URL[] = []
  const terminal = person()
  const running = make(terminal.readLine).run(
    contextOf({
      canPrompt: true,
      prompt: (prompt) => prompts.push(prompt),
      authorize: async ({ redirectUri }) => {
        redirect.resolve(redirectUri)
        return {
          url,
          state,
          takesCodeAlone,
          finish: (callback) => {
            finished.push(callback)
            return finish(callback)
          },
        }
      },
      ...context,
    }),
  )
  running.catch(() => {})
  const asks = () => prompts.filter((prompt) => prompt.type === 'paste')
  return { running, prompts, asks, finished, terminal, redirectUri: redirect.promise }
}

/** Somebody at a terminal: what is typed goes to who reads, and it is seen whether anybody does. */
function person() {
  const readers: ((line: string) => void)[] = []
  return {
    readLine: ({ signal }: { signal: AbortSignal }) =>
      new Promise<string>((resolve, reject) => {
        readers.push(resolve)
        signal.addEventListener('abort', () => {
          readers.splice(readers.indexOf(resolve), 1)
          reject(signal.reason)
        })
      }),
    isRead: () => readers.length > 0,
    async types(line: string) {
      await expect.poll(() => readers.length).toBe(1)
      readers[0]?.(line)
      await settle()
    },
  }
}

const paste =
  (options: PasteFlowOptions = {}) =>
  (readLine: ReturnType<typeof person>['readLine']) =>
    pasteFlow({ ports: [0], readLine, ...options })

async function expectReleased(redirectUri: string): Promise<void> {
  const listener = await listenOnLoopback({ ports: [Number(new URL(redirectUri).port)] })
  await listener.close()
}

describe('signing in by pasting', () => {
  it('asks for the address, and finishes with it', async () => {
    const flow = start(paste({ timeoutMs: 60_000 }))
    const callback = `${await flow.redirectUri}?code=${code}&state=${state}`
    await flow.terminal.types(callback)
    expect(await flow.running).toBe(grant)
    expect(flow.finished.map(String)).toEqual([callback])
    expect(flow.prompts).toEqual([
      { type: 'paste', url, expiresAt: 61_000, reading: true, submit: expect.any(Function) },
      { type: 'waiting', for: 'tokens' },
    ])
    await expectReleased(await flow.redirectUri)
  })

  it('takes it by the prompt as well, and lets go of the terminal', async () => {
    const flow = start(paste())
    await flow.redirectUri
    await expect.poll(flow.asks).toHaveLength(1)
    flow.asks()[0]?.submit(code)
    expect(await flow.running).toBe(grant)
    expect(flow.terminal.isRead()).toBe(false)
    expect(flow.finished[0]?.searchParams.get('state')).toBe(state)
  })

  it('says what is wrong with a text, and asks again', async () => {
    const flow = start(paste(), { takesCodeAlone: false })
    const redirectUri = await flow.redirectUri
    await flow.terminal.types('what?')
    await flow.terminal.types(`${redirectUri}?code=${code}&state=other`)
    await flow.terminal.types(code)
    expect(flow.asks().map(({ problem }) => problem)).toEqual([
      undefined,
      'not-an-answer',
      'another-sign-in',
      'address-needed',
    ])
    expect(flow.finished).toEqual([])
    await flow.terminal.types(`${redirectUri}?code=${code}&state=${state}`)
    expect(await flow.running).toBe(grant)
  })

  it('asks again for a code that the server does not know, as long as it was typed alone', async () => {
    const unknown = new AuthError('login_required', 'No longer known.')
    let refusals = 2
    const finish = async () => {
      refusals -= 1
      if (refusals >= 0) throw unknown
      return grant
    }
    const flow = start(paste(), { finish })
    await flow.terminal.types(code)
    await flow.terminal.types(code)
    await flow.terminal.types(code)
    expect(await flow.running).toBe(grant)
    expect(flow.asks().map(({ problem }) => problem)).toEqual([undefined, 'refused', 'refused'])

    const whole = start(paste(), { finish: () => Promise.reject(unknown) })
    await whole.terminal.types(`${await whole.redirectUri}?code=${code}&state=${state}`)
    expect(await failure(whole.running)).toBe(unknown)
  })

  it('ends with the refusal that is pasted', async () => {
    const refusal = new AuthError('access_denied', 'Declined.')
    const flow = start(paste(), { finish: () => Promise.reject(refusal) })
    await flow.terminal.types(`${await flow.redirectUri}?error=access_denied&state=${state}`)
    expect(await failure(flow.running)).toBe(refusal)
  })

  it('ends when the browser comes back by itself, and lets go of the terminal', async () => {
    const flow = start(paste())
    const page = await rawRequest(`${await flow.redirectUri}?code=${code}&state=${state}`)
    expect(page.status).toBe(200)
    expect(await flow.running).toBe(grant)
    expect(flow.terminal.isRead()).toBe(false)
    await expectReleased(await flow.redirectUri)
  })

  it('works although every port is taken, and where nobody shall listen', async () => {
    const taken = await listenOnLoopback({ ports: [0] })
    onTestFinished(() => taken.close())
    const port = Number(new URL(taken.redirectUri).port)
    for (const options of [{ ports: [port] }, { ports: [port], listen: false }]) {
      const flow = start(paste(options))
      expect(await flow.redirectUri).toBe(taken.redirectUri)
      await flow.terminal.types(`${taken.redirectUri}?code=${code}&state=${state}`)
      expect(await flow.running).toBe(grant)
    }
  })

  it('★11 names a registered redirect, or the one it is told', async () => {
    const quiet = start(paste({ listen: false, ports: undefined }))
    expect(await quiet.redirectUri).toBe('http://127.0.0.1:8989/callback')
    const redirectUri = 'https://auth.example.com/shows-the-code'
    const told = start(paste({ redirectUri }))
    expect(await told.redirectUri).toBe(redirectUri)
    await told.terminal.types(code)
    expect(await told.running).toBe(grant)
    quiet.asks()[0]?.submit(code)
    await quiet.running
  })

  it.each([
    ['its time is over', async () => {}, { timeoutMs: 5 }, 'login_timeout'],
    ['it is cancelled', async (controller: AbortController) => controller.abort(), {}, 'aborted'],
  ] as const)(
    'lets go of the terminal and the port when %s',
    async (_name, act, options, error) => {
      const controller = new AbortController()
      const { signal } = controller
      const flow = start(paste(options), { signal })
      const redirectUri = await flow.redirectUri
      await expect.poll(flow.asks).toHaveLength(1)
      await act(controller)
      expect(await failure(flow.running)).toMatchObject({ name: 'AuthError', code: error })
      expect(flow.terminal.isRead()).toBe(false)
      expect(getEventListeners(signal, 'abort')).toEqual([])
      await expectReleased(redirectUri)
    },
  )

  it('needs somebody to show its address, and a place to paste into', async () => {
    expect(await pasteFlow().canRun(contextOf())).toMatchObject({
      ok: false,
      reason: expect.stringContaining('onPrompt'),
    })
    // The tests have no terminal.
    expect(await pasteFlow().canRun(contextOf({ canPrompt: true }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('terminal'),
    })
    for (const readLine of [false, async () => ''] as const) {
      const flow = pasteFlow({ readLine })
      expect(await flow.canRun(contextOf({ canPrompt: true }))).toEqual({ ok: true })
    }
  })
})

describe('a browser that cannot be opened', () => {
  const openUrl = () => Promise.reject(new Error('none'))

  it('lets the person paste what comes back elsewhere', async () => {
    const flow = start((readLine) => loopbackFlow({ ports: [0], openUrl, readLine }))
    await flow.terminal.types(`${await flow.redirectUri}?code=${code}&state=${state}`)
    expect(await flow.running).toBe(grant)
    expect(flow.prompts.map(({ type }) => type)).toEqual(['paste', 'waiting'])
    await expectReleased(await flow.redirectUri)
  })

  it('lets the browser that the person opened come back all the same', async () => {
    const flow = start((readLine) => loopbackFlow({ ports: [0], openUrl, readLine }))
    await rawRequest(`${await flow.redirectUri}?code=${code}&state=${state}`)
    expect(await flow.running).toBe(grant)
    expect(flow.terminal.isRead()).toBe(false)
  })
})
