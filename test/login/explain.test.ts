import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import { AuthClient } from '../../src/index.ts'
import type { LoginFlow } from '../../src/login/flow.ts'
import { deviceFlow, loopbackFlow, pasteFlow } from '../../src/node.ts'
import { failure } from '../support/async.ts'
import { fakeFetch, json } from '../support/fetches.ts'
import { clientFor, platformAt } from '../support/setup.ts'

function flow(name: string, canRun: LoginFlow['canRun']): LoginFlow {
  return { name, canRun, run: () => Promise.reject(new Error('A flow was run.')) }
}
const fits = () => ({ ok: true }) as const
const no = (reason: string) => () => ({ ok: false, reason }) as const

describe('explaining a sign-in', () => {
  it('names the first flow that fits, and says of each other why not', async () => {
    const platform = platformAt()
    const login = [flow('one', no('no browser')), flow('two', fits), flow('three', fits)]
    const client = clientFor(platform, { login })
    expect(await client.explainLogin()).toEqual({
      chosen: 'two',
      flows: [
        { name: 'one', fits: false, reason: 'no browser' },
        { name: 'two', fits: true },
        { name: 'three', fits: true },
      ],
    })
    expect(platform.requests).toEqual([])
  })

  it('is what login() does: it goes by whether anybody listens to prompts', async () => {
    const options = { login: [deviceFlow(), pasteFlow({ readLine: false })] }
    const client = clientFor(platformAt(), options)
    const silent = await client.explainLogin()
    expect(silent.chosen).toBeUndefined()
    expect(silent.flows.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('pass onPrompt'),
      expect.stringContaining('pass onPrompt'),
    ])
    expect(await failure(client.login())).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(silent.flows[0]?.reason ?? 'a reason'),
    })
    expect(await client.explainLogin({ onPrompt: () => {} })).toMatchObject({ chosen: 'device' })
  })

  it('names a flow that fits, and says that it does not run, where nobody may be asked', async () => {
    const client = clientFor(platformAt(), { login: flow('one', fits), interaction: 'never' })
    expect(await client.explainLogin()).toEqual({
      chosen: undefined,
      flows: [{ name: 'one', fits: true }],
      reason: expect.stringContaining('never'),
    })
  })

  it('takes the failure of a flow to say so for a reason', async () => {
    const broken = () => Promise.reject(new AuthError('network_error', 'No connection.'))
    const client = clientFor(platformAt(), { login: [flow('one', broken), flow('two', fits)] })
    expect(await client.explainLogin()).toMatchObject({
      chosen: 'two',
      flows: [{ name: 'one', fits: false, reason: 'No connection.' }, {}],
    })
    const wrong = () => Promise.reject(new TypeError('a mistake of the flow'))
    const other = clientFor(platformAt(), { login: flow('one', wrong) })
    expect(await failure(other.explainLogin())).toBeInstanceOf(TypeError)
  })

  it('ends with its signal', async () => {
    const client = clientFor(platformAt(), { login: flow('one', fits) })
    expect(await failure(client.explainLogin({ signal: AbortSignal.abort() }))).toMatchObject({
      code: 'aborted',
    })
  })

  it('asks another server whether it has a device sign-in', async () => {
    const issuer = 'https://id.example.com'
    const metadata = (more: object) => json(200, { issuer, token_endpoint: `${issuer}/t`, ...more })
    const explained = async (more: object) => {
      const { fetch } = fakeFetch(() => metadata(more))
      const client = new AuthClient({ clientId: 'x', issuer, fetch, login: deviceFlow() })
      return client.explainLogin({ onPrompt: () => {} })
    }
    expect(await explained({})).toMatchObject({
      chosen: undefined,
      flows: [{ reason: expect.stringContaining('no device sign-in') }],
    })
    const endpoint = { device_authorization_endpoint: `${issuer}/device` }
    expect(await explained(endpoint)).toMatchObject({ chosen: 'device' })
  })

  it('says that the browser flow runs where the application opens the page, or says so', async () => {
    for (const options of [{ openUrl: async () => {} }, { assumeBrowser: true }]) {
      const client = clientFor(platformAt(), { login: loopbackFlow(options) })
      expect(await client.explainLogin()).toMatchObject({ chosen: 'loopback' })
    }
  })
})
