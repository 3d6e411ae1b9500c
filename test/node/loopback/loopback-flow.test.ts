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
import type { LoginOutcome } from '../../../src/node/loopback/login-page.ts'
import { type LoopbackFlowOptions, loopbackFlow } from '../../../src/node/loopback/loopback-flow.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { deferred, failure } from '../../support/async.ts'
import { contextOf } from '../../support/login-context.ts'
import { openConnection, type RawAnswer, rawRequest } from '../../support/raw-http.ts'

const state = 'a-state'
const authorizeUrl = 'https://auth.example.com/oauth/authorize?client_id=x'
const grant: LoginGrant = {
  accessToken: new Secret('a-token'),
  tokenType: 'Bearer',
  kind: 'opaque',
}

/** One run of the flow, with a server that is not there: what it is told, and what it is asked. */
function startFlow(
  options: LoopbackFlowOptions,
  changes: Partial<LoginContext> & Partial<Pick<AuthorizationRequest, 'finish'>> = {},
) {
  const { finish = async () => grant, ...context } = changes
  const redirectUri = deferred<string>()
  const prompts: LoginPrompt[] = []
  const running = loopbackFlow({ ports: [0], openUrl: async () => {}, ...options }).run(
    contextOf({
      prompt: (prompt) => prompts.push(prompt),
      authorize: async (request) => {
        redirectUri.resolve(request.redirectUri)
        return { url: authorizeUrl, state, takesCodeAlone: true, finish }
      },
      ...context,
    }),
  )
  running.catch(() => {})
  return {
    running,
    prompts,
    redirectUri: redirectUri.promise,
    /** The browser comes back. */
    answer: async (query = `?code=a-code&state=${state}`) =>
      rawRequest(`${await redirectUri.promise}${query}`),
  }
}

/** That nobody listens there any more. */
async function expectReleased(redirectUri: string): Promise<void> {
  const listener = await listenOnLoopback({ ports: [Number(new URL(redirectUri).port)] })
  await listener.close()
}

describe('signing in with the browser of this machine', () => {
  it('opens the page and takes the answer', async () => {
    const opened: string[] = []
    const flow = startFlow({
      openUrl: async (url) => {
        opened.push(url)
      },
    })
    await flow.answer()
    expect(await flow.running).toBe(grant)
    expect(opened).toEqual([authorizeUrl])
    await expectReleased(await flow.redirectUri)
  })

  it('gives the whole answer to be checked', async () => {
    const callbacks: URL[] = []
    const flow = startFlow(
      {},
      {
        finish: async (callback) => {
          callbacks.push(callback)
          return grant
        },
      },
    )
    await flow.answer(`?code=a%20code&state=${state}&iss=https%3A%2F%2Fauth.example.com`)
    await flow.running
    expect(callbacks.map(String)).toEqual([
      `${await flow.redirectUri}?code=a%20code&state=${state}&iss=https%3A%2F%2Fauth.example.com`,
    ])
  })

  it('does not wait for ever for an opener that waits for the browser', async () => {
    const flow: ReturnType<typeof startFlow> = startFlow({
      openUrl: async () => {
        await flow.answer()
      },
    })
    expect(await flow.running).toBe(grant)
  })

  it('does not wait for an opener that never says whether it worked', async () => {
    const flow = startFlow({ openUrl: () => new Promise(() => {}) })
    await flow.answer()
    expect(await flow.running).toBe(grant)
  })

  it('is not disturbed by an opener that fails after the browser has come back', async () => {
    const opener = deferred()
    const flow = startFlow({ openUrl: () => opener.promise })
    await flow.answer()
    expect(await flow.running).toBe(grant)
    opener.reject(new Error('The browser was closed.'))
  })

  it('shows success only when the tokens are there', async () => {
    const exchange = deferred<LoginGrant>()
    const order: string[] = []
    const flow = startFlow({}, { finish: () => exchange.promise })
    const page = flow.answer().then((answer) => {
      order.push('page')
      return answer
    })
    // While the code is exchanged, the listener answers others and lets the browser wait.
    await flow.answer('?state=other')
    order.push('exchanged')
    exchange.resolve(grant)
    expect((await page).body).toContain('You are signed in')
    expect(order).toEqual(['exchanged', 'page'])
    await flow.running
  })

  it('shows the page of the application, in its language, for a success and for a failure', async () => {
    const outcomes: LoginOutcome[] = []
    const page = (outcome: LoginOutcome) => {
      outcomes.push(outcome)
      return {
        title: outcome.ok ? 'Angemeldet' : 'Nicht angemeldet',
        text: '<Fertig>',
        language: 'de',
      }
    }
    const { body } = await startFlow({ page }).answer()
    expect(body).toContain('<html lang="de">')
    expect(body).toContain('<h1>Angemeldet</h1><p>&lt;Fertig&gt;</p>')
    const error = new AuthError('access_denied', 'The sign-in was declined.')
    const failed = startFlow({ page }, { finish: () => Promise.reject(error) })
    expect((await failed.answer()).body).toContain('<h1>Nicht angemeldet</h1>')
    expect(outcomes).toEqual([{ ok: true }, { ok: false, error }])
  })

  it('keeps the tokens although the page of the application cannot be made', async () => {
    const page = () => {
      throw new TypeError('A text is missing.')
    }
    const flow = startFlow({ page })
    expect((await flow.answer()).body).toContain('You are signed in')
    expect(await flow.running).toBe(grant)
  })

  it('does not wait for a browser that reads slowly', async () => {
    const flow = startFlow({})
    const redirectUri = await flow.redirectUri
    const socket = await openConnection(redirectUri)
    socket.pause()
    socket.write(
      `GET /callback?code=c&state=${state} HTTP/1.1\r\nHost: ${new URL(redirectUri).host}\r\n\r\n`,
    )
    expect(await flow.running).toBe(grant)
    await expectReleased(redirectUri)
  })
})

describe('telling the person', () => {
  it('says which page was opened, and until when', async () => {
    const flow = startFlow({ timeoutMs: 60_000 }, { canPrompt: true })
    await flow.answer()
    await flow.running
    expect(flow.prompts).toEqual([
      { type: 'url', url: authorizeUrl, opened: true, expiresAt: 61_000 },
      { type: 'waiting', for: 'tokens' },
    ])
  })

  it('asks the person to open the page when no browser can be opened', async () => {
    const flow = startFlow({ openUrl: () => Promise.reject(new Error()) }, { canPrompt: true })
    await flow.answer()
    expect(await flow.running).toBe(grant)
    expect(flow.prompts).toMatchObject([
      { type: 'url', url: authorizeUrl, opened: false },
      { type: 'waiting', for: 'tokens' },
    ])
  })

  it('fails at once when no browser can be opened and nobody can be told', async () => {
    const problem = new AuthError('config_invalid', 'No browser could be opened (xdg-open).')
    const flow = startFlow({ openUrl: () => Promise.reject(problem) })
    expect(await failure(flow.running)).toBe(problem)
    await expectReleased(await flow.redirectUri)
  })
})

describe('a sign-in that does not succeed', () => {
  /** What the flow throws, and what the browser shows. */
  async function refused(problem: unknown): Promise<{ error: unknown; page: RawAnswer }> {
    const flow = startFlow({}, { finish: () => Promise.reject(problem) })
    const page = await flow.answer()
    return { error: await failure(flow.running), page }
  }

  it('says so in the browser and in the program', async () => {
    const problem = new AuthError('access_denied', 'The sign-in at <b>x</b> was declined.')
    const { error, page } = await refused(problem)
    expect(error).toBe(problem)
    expect(page.status).toBe(400)
    expect(page.body).toContain('The sign-in at &lt;b&gt;x&lt;/b&gt; was declined.')
    expect(page.body).toContain(problem.hint)
    expect(page.body).not.toContain('You are signed in')
  })

  it('shows nothing of an error that is not ours', async () => {
    const { error, page } = await refused(new TypeError('fetch failed: secret-code'))
    expect(error).toBeInstanceOf(TypeError)
    expect(page.body).not.toContain('secret-code')
    expect(page.body).toContain('go back to the program')
  })

  it('says so in the browser although the program cannot be told what is waited for', async () => {
    const mistake = new TypeError('This user interface is broken.')
    const prompt = ({ type }: LoginPrompt) => {
      if (type === 'waiting') throw mistake
    }
    const flow = startFlow({}, { canPrompt: true, prompt })
    expect(await flow.answer()).toMatchObject({ status: 400 })
    expect(await failure(flow.running)).toBe(mistake)
    await expectReleased(await flow.redirectUri)
  })

  it('opens no browser when the server refuses to begin, and releases the port', async () => {
    const seen = { opened: false, redirectUri: '' }
    const refusal = new AuthError('config_invalid', 'auth.example.com refused the sign-in.')
    const flow = startFlow(
      {
        openUrl: async () => {
          seen.opened = true
        },
      },
      {
        authorize: async ({ redirectUri }) => {
          seen.redirectUri = redirectUri
          throw refusal
        },
      },
    )
    expect(await failure(flow.running)).toBe(refusal)
    expect(seen.opened).toBe(false)
    await expectReleased(seen.redirectUri)
  })

  it('★10 ends after its time with the advice to look at the browser page', async () => {
    const flow = startFlow({ timeoutMs: 5 })
    const error = await failure(flow.running)
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'login_timeout',
      retryable: false,
      hint: expect.stringMatching(/browser page/),
    })
    await expectReleased(await flow.redirectUri)
  })

  it('★10 ends after its time although an answer for somebody else has come', async () => {
    const flow = startFlow({
      timeoutMs: 500,
      openUrl: async () => {
        expect((await flow.answer('?error=invalid_scope')).status).toBe(400)
      },
    })
    expect(await failure(flow.running)).toMatchObject({ code: 'login_timeout' })
  })

  it('ends when it is cancelled, and releases the port and every connection', async () => {
    const controller = new AbortController()
    const flow = startFlow({}, { signal: controller.signal })
    const redirectUri = await flow.redirectUri
    await openConnection(redirectUri)
    controller.abort()
    expect(await failure(flow.running)).toMatchObject({ name: 'AuthError', code: 'aborted' })
    await expectReleased(redirectUri)
  })

  it.each([
    ['succeeds', async (flow: ReturnType<typeof startFlow>) => void (await flow.answer()), {}],
    ['ends after its time', async () => {}, { timeoutMs: 1 }],
    ['finds no port', async () => {}, { ports: [] }],
  ])('leaves nothing hanging on the signal when it %s', async (_name, act, options) => {
    const { signal } = new AbortController()
    const flow = startFlow(options, { signal })
    await act(flow)
    await Promise.allSettled([flow.running])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('does not begin when it is cancelled already', async () => {
    let opened = false
    const flow = startFlow(
      {
        openUrl: async () => {
          opened = true
        },
      },
      {
        signal: AbortSignal.abort(),
        authorize: () => Promise.reject(new AuthError('aborted', 'Cancelled.')),
      },
    )
    expect(await failure(flow.running)).toMatchObject({ code: 'aborted' })
    expect(opened).toBe(false)
  })
})

describe('the ports of the flow', () => {
  async function takenPort(): Promise<number> {
    const listener = await listenOnLoopback({ ports: [0] })
    onTestFinished(() => listener.close())
    return Number(new URL(listener.redirectUri).port)
  }

  it('are tried in order', async () => {
    const flow = startFlow({ ports: [await takenPort(), 0] })
    await flow.answer()
    expect(await flow.running).toBe(grant)
  })

  it('are all named when none is free', async () => {
    const ports = [await takenPort(), await takenPort()]
    const flow = startFlow({ ports })
    expect(await failure(flow.running)).toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(ports.join(', ')),
    })
  })

  it('are only the first one when it has to be that', async () => {
    const [first, second] = [await takenPort(), await takenPort()]
    const flow = startFlow({ ports: [first, second, 0], strict: true })
    const error = await failure(flow.running)
    expect(error).toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(`${first}`),
    })
    expect(String(error)).not.toContain(`${second}`)
  })
})
