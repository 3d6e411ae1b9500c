import { describe, expect, it, vi } from 'vitest'
import type { LoginPrompt } from '../../src/login/flow.ts'
import type { LoopbackPlaces } from '../../src/node/loopback/listener.ts'
import { createClient, type VscodeClientOptions } from '../../src/vscode.ts'
import { failure } from '../support/async.ts'
import { platformAt } from '../support/setup.ts'
import { type DesktopOptions, type DesktopWindow, desktop } from '../support/vscode-api.ts'

// The registered ports are fixed ones: they are looked at here, and another one is taken.
const tried = vi.hoisted(() => ({ ports: [] as (readonly number[])[] }))
vi.mock('../../src/node/loopback/listener.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/node/loopback/listener.ts')>()
  return {
    ...original,
    listenOnLoopback: ({ ports }: LoopbackPlaces) => {
      tried.ports.push(ports)
      return original.listenOnLoopback({ ports: [0] })
    },
  }
})

// The device's polls are seconds apart.
vi.mock('../../src/async/pause.ts', () => ({ pause: () => new Promise(setImmediate) }))

const platform = platformAt({ limits: false })

/** An editor whose person signs in on every page that is opened. */
function editorOn(options: DesktopOptions = {}, { decline = false } = {}) {
  const editor = desktop({
    browse: async (url) => {
      const callback = await platform.signIn(url, { decline })
      if (callback.startsWith('http:')) await fetch(callback)
      else editor.handOver(callback)
    },
    ...options,
  })
  return editor
}

function clientIn({ vscode, context }: DesktopWindow, options: Partial<VscodeClientOptions> = {}) {
  const { endpoints, fetch, clock } = platform
  return createClient({ vscode, context, env: {}, endpoints, fetch, now: clock.now, ...options })
}

describe('a client for an extension of VS Code', () => {
  it('★11 signs in by the URI of the editor, the same at both ends', async () => {
    const window = editorOn().open()
    const client = clientIn(window)
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
    const asked = platform.requestsTo('GET /oauth/authorize').at(-1)?.query
    const exchange = platform.requestsTo('POST /oauth/token').at(-1)?.body
    const redirect_uri = 'vscode://lanonasis.mcp-client/callback'
    expect(asked).toMatchObject({ redirect_uri, client_id: 'vscode-extension' })
    expect(exchange).toMatchObject({ redirect_uri, client_id: 'vscode-extension' })
  })

  it.each([
    ['dev-container', 'https://auth.lanonasis.com'],
    ['codespaces', 'https://auth.lanonasis.com'],
    ['attached-container', 'https://auth.lanonasis.com'],
    ['k8s-container', 'https://auth.lanonasis.com'],
    // A container that is reached over SSH is told from no other machine.
    ['ssh-remote', 'https://auth.lanonasis.com'],
    ['tunnel', 'https://auth.lanonasis.com'],
    ['localhost:8080', 'https://auth.lanonasis.com'],
    ['', 'https://auth.lanonasis.com'],
    ['wsl', 'https://auth.example.com'],
    [undefined, 'https://auth.example.com'],
  ])('★1 takes no address from variables that a folder may have set: %s', (remoteName, gateway) => {
    vi.stubEnv('AUTH_GATEWAY_URL', 'https://auth.example.com')
    const window = editorOn({ env: { remoteName } }).open()
    const client = clientIn(window, { env: undefined, endpoints: undefined })
    vi.unstubAllEnvs()
    expect(client.endpoints.authGateway).toBe(gateway)
  })

  it('keeps the session in the secret storage, where the other windows find it', async () => {
    const editor = editorOn()
    const [first, second] = [editor.open(), editor.open()]
    const other = clientIn(second)
    await clientIn(first).login()
    await vi.waitFor(async () => {
      expect(await other.getSession()).toMatchObject({ status: 'signed-in' })
    })
    // The answer came by the window that was used last, and nothing of it is left.
    await vi.waitFor(() => {
      for (const { storage } of [first, second]) {
        expect([...storage.secrets.keys()]).toEqual([expect.stringMatching(/^lanonasis\.account:/)])
      }
    })
  })

  it('says that the person has declined in the browser', async () => {
    const window = editorOn({}, { decline: true }).open()
    expect(await failure(clientIn(window).login())).toMatchObject({ code: 'access_denied' })
  })

  it('ends with the extension', async () => {
    const window = editorOn({ browse: () => {} }).open()
    const login = failure(clientIn(window).login())
    await expect.poll(() => window.opened).toHaveLength(1)
    window.deactivate()
    expect(await login).toMatchObject({ code: 'aborted' })
  })
})

describe('the client id', () => {
  it.each([
    ['vscode', 'Visual Studio Code', 'vscode-extension'],
    ['vscode-insiders', 'Visual Studio Code - Insiders', 'vscode-extension'],
    ['code-oss', 'code-server', 'vscode-extension'],
    ['cursor', 'Cursor', 'cursor-extension'],
    ['windsurf', 'Windsurf', 'windsurf-extension'],
    ['windsurf-next', 'Windsurf - Next', 'windsurf-extension'],
    ['vscode', 'Cursor', 'cursor-extension'],
  ])('is, in an editor with the scheme %s and the name %s, %s', (uriScheme, appName, clientId) => {
    const window = desktop({ uriScheme, appName }).open()
    expect(clientIn(window).toJSON()).toMatchObject({ clientId })
  })

  it('is the option', () => {
    expect(clientIn(desktop().open(), { clientId: 'acme' }).toJSON()).toMatchObject({
      clientId: 'acme',
    })
  })
})

describe('where the URI of the editor is not registered', () => {
  it.each(['cursor', 'windsurf'])(
    'the browser comes back to this machine, at the registered port first (%s)',
    async (uriScheme) => {
      const window = editorOn({ uriScheme, appName: uriScheme }).open()
      tried.ports = []
      expect(await clientIn(window).login()).toMatchObject({ status: 'signed-in' })
      expect(tried.ports.map(([port]) => port)).toEqual([8080])
      const { client_id, redirect_uri } =
        platform.requestsTo('POST /oauth/token').at(-1)?.body ?? {}
      expect(client_id).toBe(`${uriScheme}-extension`)
      expect(redirect_uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    },
  )

  it.each([
    ['in a page', { uiKind: 2 }],
    ['on another machine', { env: { remoteName: 'ssh-remote' } }],
  ] as const)('a device signs in when the extension runs %s', async (_where, options) => {
    const window = editorOn({ uriScheme: 'cursor', appName: 'Cursor', ...options }).open()
    const client = clientIn(window)
    const prompts: LoginPrompt[] = []
    const onPrompt = (prompt: LoginPrompt) => {
      prompts.push(prompt)
      if (prompt.type === 'device-code') void platform.approveDevice(prompt.urlComplete ?? '')
    }
    expect(await client.explainLogin({ onPrompt })).toMatchObject({ chosen: 'device' })
    expect(await client.login({ onPrompt })).toMatchObject({
      status: 'signed-in',
      tokenKind: 'jwt',
    })
    // The code is for the extension to show; a drawing for terminals is of no use to it.
    expect(prompts[0]).toMatchObject({ type: 'device-code', userCode: expect.any(String) })
    expect(prompts[0]).not.toHaveProperty('qrCode')
    expect(platform.requestsTo('POST /oauth/device').at(-1)?.body).toMatchObject({
      client_id: 'cursor-extension',
    })
    expect(window.opened).toEqual([])
  })

  it.each([
    ['in a page', { uiKind: 2 }, 'the browser may be on another machine than the extension'],
    [
      'on another machine',
      { env: { remoteName: 'ssh-remote' } },
      'the extension runs on another machine (ssh-remote)',
    ],
  ] as const)(
    'no flow fits without anybody who shows a code when the extension runs %s, and each says why',
    async (_where, options, reason) => {
      const window = editorOn({ uriScheme: 'cursor', appName: 'Cursor', ...options }).open()
      const error = await failure(clientIn(window).login())
      expect(error).toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining(
          'uri-handler: cursor://lanonasis.mcp-client is not registered for cursor-extension',
        ),
      })
      expect(String(error)).toContain(`loopback: ${reason}`)
      expect(String(error)).toContain('device: nobody shows its code: pass onPrompt to login()')
      expect(window.opened).toEqual([])
    },
  )

  it('no port is listened on in a web worker, which has none', async () => {
    const window = editorOn({ uriScheme: 'code-oss' }).open()
    // A bundle for the web often has a `process` with nothing but this. The test runner sets it in the meantime.
    vi.stubGlobal('process', { nextTick: process.nextTick })
    try {
      expect(String(await failure(clientIn(window).login()))).toContain(
        'loopback: an extension in a web worker cannot listen on a port',
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('the sign-in ends when the person does not want the page', async () => {
    const window = editorOn({ uriScheme: 'cursor' }).open()
    window.answer = 'cancel'
    for (const onPrompt of [undefined, vi.fn()]) {
      const error = await failure(clientIn(window).login(onPrompt && { onPrompt }))
      expect(error).toMatchObject({ code: 'login_cancelled' })
    }
  })

  it('a page that the person opens by hand counts as well', async () => {
    for (const prompted of [false, true]) {
      const window = editorOn({ uriScheme: 'cursor' }).open()
      window.answer = 'copy'
      const onPrompt = vi.fn()
      const login = clientIn(window).login(prompted ? { onPrompt } : {})
      await vi.waitFor(() => expect(window.clipboard).not.toBe(''))
      await fetch(await platform.signIn(window.clipboard))
      expect(await login).toMatchObject({ status: 'signed-in' })
      if (prompted) expect(onPrompt.mock.calls[0]).toMatchObject([{ type: 'url', opened: false }])
    }
  })

  it('a sign-in that is cancelled by the program is not taken for one that the person declined', async () => {
    const window = editorOn({ uriScheme: 'cursor', browse: () => {} }).open()
    const controller = new AbortController()
    const login = failure(clientIn(window).login({ signal: controller.signal }))
    await expect.poll(() => window.opened).toHaveLength(1)
    controller.abort()
    expect(await login).toMatchObject({ code: 'aborted' })
  })
})
