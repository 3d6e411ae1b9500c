import { describe, expect, it } from 'vitest'
import type { UriHandlerFlowOptions } from '../../../src/vscode.ts'
import { failure, withQuickTimers } from '../../support/async.ts'
import { type DesktopOptions, desktop, ModelUri } from '../../support/vscode-api.ts'
import { type Changes, contextWith, flowIn } from './flow.ts'

interface Situation extends Changes {
  readonly editor?: DesktopOptions
  readonly options?: Partial<UriHandlerFlowOptions>
}

/** Whether the flow fits; and that it sends nobody anywhere when it does not. */
async function verdict({ editor, options, ...changes }: Situation = {}) {
  const window = desktop(editor).open()
  const flow = flowIn(window, options)
  const found = await flow.canRun(contextWith(changes).login)
  if (!found.ok) {
    expect(await failure(flow.run(contextWith(changes).login))).toMatchObject({
      code: 'config_invalid',
      message: `uri-handler: ${found.reason}.`,
    })
    expect(window.opened).toEqual([])
  }
  return found.ok ? 'fits' : found.reason
}

describe('the flow', () => {
  it.each(['vscode-extension', 'cursor-extension', 'windsurf-extension'])(
    'fits where the registered URI leads into the extension (%s)',
    async (clientId) => {
      expect(await verdict({ clientId })).toBe('fits')
    },
  )

  it('fits where the editor adds nothing to the address', async () => {
    expect(await verdict({ editor: { asExternalUri: async (uri) => uri } })).toBe('fits')
  })

  it('fits in a window that works on another machine', async () => {
    expect(await verdict({ editor: { env: { remoteName: 'ssh-remote' } } })).toBe('fits')
  })

  it.each(['cursor', 'windsurf', 'code-oss', 'vscode-insiders', 'vscodium'])(
    'does not fit in an editor with the scheme %s, which is not registered',
    async (uriScheme) => {
      expect(await verdict({ editor: { uriScheme } })).toBe(
        `${uriScheme}://lanonasis.mcp-client is not registered for vscode-extension`,
      )
    },
  )

  it('does not fit in another extension, which would never get the answer', async () => {
    expect(await verdict({ editor: { extensionId: 'acme.tools' } })).toBe(
      'vscode://acme.tools is not registered for vscode-extension',
    )
  })

  it.each([
    ['https://vscode.dev/callback?vscode-reqid=1', 'https://vscode.dev'],
    ['http://127.0.0.1:8080/callback?windowId=1', 'http://127.0.0.1:8080'],
    ['vscode://lanonasis.mcp-client/other?windowId=1', 'vscode://lanonasis.mcp-client'],
    ['vscode://lanonasis.mcp-client/callback?x=1&windowId=1', 'vscode://lanonasis.mcp-client'],
    ['vscode://lanonasis.mcp-client/callback/', 'vscode://lanonasis.mcp-client'],
  ])('does not fit where the editor is reached under %s', async (address, place) => {
    const asExternalUri = async () => new ModelUri(address)
    expect(await verdict({ editor: { asExternalUri } })).toBe(
      `the browser would come back to ${place}, which is not registered`,
    )
  })

  it('does not fit where the editor does not say how it is reached', async () => {
    const ways = [() => Promise.reject(new Error('none')), () => new Promise<never>(() => {})]
    for (const asExternalUri of ways) {
      expect(await withQuickTimers(() => verdict({ editor: { asExternalUri } }))).toBe(
        'the editor does not say how it is reached',
      )
    }
  })

  it('does not fit for a client of which no redirect is known', async () => {
    const reason = (clientId: string) =>
      `no redirect URI is known to be registered for ${clientId} (redirectUris)`
    expect(await verdict({ clientId: 'acme' })).toBe(reason('acme'))
    expect(await verdict({ lanonasis: false })).toBe(reason('vscode-extension'))
  })

  it('stops asking when the sign-in is cancelled', async () => {
    const window = desktop({ asExternalUri: () => new Promise(() => {}) }).open()
    const controller = new AbortController()
    const { login } = contextWith({ signal: controller.signal })
    const asked = failure(Promise.resolve(flowIn(window).canRun(login)))
    controller.abort()
    expect(await asked).toMatchObject({ code: 'aborted' })
  })
})

describe('redirectUris', () => {
  const redirectUris = ['cursor://acme.tools/auth/done', 'vscode://acme.tools/auth/done']

  it('are those of this scheme and this extension', async () => {
    const editor = { uriScheme: 'cursor', extensionId: 'acme.tools' }
    const options = { redirectUris }
    expect(await verdict({ editor, options, lanonasis: false, clientId: 'acme' })).toBe('fits')
    const elsewhere = { ...editor, extensionId: 'acme.others' }
    expect(await verdict({ editor: elsewhere, options, clientId: 'acme' })).toBe(
      'cursor://acme.others is not registered for acme',
    )
  })

  it('are sent letter by letter, with a query of their own', async () => {
    const editor = desktop({ extensionId: 'acme.tools' })
    const window = editor.open()
    const own = 'vscode://acme.tools/auth?from=here'
    const flow = flowIn(window, { redirectUris: ['not a URI', own] })
    const given = contextWith({ lanonasis: false, clientId: 'acme' })
    const asExternalUri = window.vscode.env.asExternalUri
    Object.assign(window.vscode.env, {
      asExternalUri: async () => new ModelUri(`${own}&windowId=7`),
    })
    expect(asExternalUri).not.toBe(window.vscode.env.asExternalUri)
    const running = flow.run(given.login)
    expect(await given.asked).toBe(own)
    await expect.poll(() => window.opened).toHaveLength(1)
    editor.handOver(`${own}&code=a-code&state=a-state`)
    await running
    expect(given.callbacks).toHaveLength(1)
  })
})
