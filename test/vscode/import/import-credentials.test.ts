import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LanonasisClientOptions } from '../../../src/client/options.ts'
import { fileStore } from '../../../src/node.ts'
import {
  importCredentials,
  type VscodeImportOptions,
} from '../../../src/vscode/import/import-credentials.ts'
import { cliConfig } from '../../import/fixtures/contents.ts'
import {
  apiKey,
  hashOf,
  jwt,
  opaqueToken,
  refreshToken,
} from '../../import/fixtures/credentials.ts'
import { configPath } from '../../support/directories.ts'
import { clientFor, epoch, platformAt } from '../../support/setup.ts'

/** A secret storage with what the old extension has left in it. */
function secretsWith(entries: Record<string, unknown>) {
  const secrets = new Map<string, string>()
  for (const [name, value] of Object.entries(entries)) {
    secrets.set(`lanonasis.${name}`, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return {
    secrets,
    context: {
      secrets: {
        get: async (name: string) => secrets.get(name),
        delete: async (name: string) => {
          secrets.delete(name)
        },
      },
    },
  }
}

/** The editor's file system, with these files in a home. */
function editorWith(files: Record<string, string | { error: Error }>) {
  const find = (path: string) => {
    const file = files[path.replace('/home/ada/', '')]
    if (file === undefined) throw Object.assign(new Error('not found'), { code: 'FileNotFound' })
    if (typeof file !== 'string') throw file.error
    return file
  }
  return {
    Uri: {
      file: (path: string) => path,
      joinPath: (base: string, ...names: string[]) => [base, ...names].join('/'),
    },
    workspace: {
      fs: {
        stat: async (path: string) => ({ size: find(path).length, mtime: epoch + 0.5 }),
        readFile: async (path: string) => new TextEncoder().encode(find(path)),
      },
    },
  }
}

function extension(
  entries: Record<string, unknown>,
  options: Partial<LanonasisClientOptions> = {},
) {
  const { secrets, context } = secretsWith(entries)
  const client = clientFor(platformAt(), { clientId: 'vscode-extension', ...options })
  onTestFinished(() => client.close())
  return {
    client,
    secrets,
    run: (more: Partial<VscodeImportOptions<string>> = {}) =>
      importCredentials<string>(client, { context, home: '/home/ada', ...more }),
  }
}

const authToken = (access_token = opaqueToken()) => ({ access_token, expires_at: epoch + 900_000 })

describe('the home of the CLI', () => {
  it.each([
    { platform: 'win32', home: 'C:/Users/ada' },
    { platform: 'linux', home: '/home/ada' },
  ] as const)('is that of the system’s user ($platform)', async ({ platform, home }) => {
    // Git and Emacs have people set the one where the CLI goes by the other; WSL may have both.
    vi.stubEnv('HOME', '/home/ada')
    vi.stubEnv('USERPROFILE', 'C:/Users/ada')
    vi.spyOn(process, 'platform', 'get').mockReturnValue(platform)
    onTestFinished(() => {
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
    })
    const looked: string[] = []
    const editor = editorWith({})
    const stat = (path: string) => {
      looked.push(path)
      return editor.workspace.fs.stat(path)
    }
    const fs = { ...editor.workspace.fs, stat }
    const { run } = extension({})
    await run({ vscode: { ...editor, workspace: { fs } }, home: undefined })
    expect(looked).toEqual([`${home}/.maas.config`, `${home}/.maas/config.json`])
  })
})

describe("the old extension's secrets", () => {
  it('give a session with its refresh token', async () => {
    const token = authToken()
    const { run, client } = extension({
      authToken: token,
      refreshToken: refreshToken(),
      // As the old extension kept it, a second time.
      'apiKey.raw': token.access_token,
      apiKey: token.access_token,
      credentialType: 'oauth',
    })
    expect(await run()).toMatchObject({
      found: [{ place: 'secret-storage', location: 'lanonasis.authToken' }],
      taken: [{ kind: 'tokens', tokenKind: 'opaque', renewable: true }],
      passedOver: [],
      unusable: [],
    })
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('★16 give a session of the device flow as one of the JWT family', async () => {
    const { run } = extension({ authToken: authToken(jwt()), refreshToken: refreshToken() })
    expect((await run()).taken).toMatchObject([{ tokenKind: 'jwt', renewable: true }])
  })

  it('give the raw key, and not its hash', async () => {
    const key = apiKey()
    const entries = { 'apiKey.raw': key, apiKey: hashOf(key), credentialType: 'apiKey' }
    const { run } = extension(entries)
    expect(await run()).toMatchObject({ taken: [{ kind: 'api-key' }], unusable: [] })
  })

  it('★9 give nothing where there is only the hash of a key', async () => {
    const { run } = extension({ apiKey: hashOf(apiKey()), credentialType: 'apiKey' })
    expect(await run()).toMatchObject({ taken: [], unusable: [{ code: 'key_hash' }] })
  })

  it('give a key of the time before it was hashed', async () => {
    const { run } = extension({ apiKey: apiKey() })
    expect((await run()).taken).toMatchObject([{ kind: 'api-key' }])
  })

  it('give the access token that is stored as a key', async () => {
    const { run } = extension({ 'apiKey.raw': jwt(), credentialType: 'oauth' })
    expect((await run()).taken).toMatchObject([{ kind: 'legacy-token' }])
  })

  it.each([
    ['authToken', '{"access_token":'],
    ['authToken', '[]'],
  ])('are told of when they are damaged: %s', async (name, text) => {
    const { run } = extension({ [name]: text, 'apiKey.raw': apiKey() })
    expect(await run()).toMatchObject({
      taken: [{ kind: 'api-key' }],
      unusable: [{ location: 'lanonasis.authToken', code: 'damaged' }],
    })
  })

  it('are told of when they cannot be read', async () => {
    const { client } = extension({})
    const secrets = { get: () => Promise.reject(new Error('locked')), delete: async () => {} }
    const report = await importCredentials(client, { context: { secrets } })
    expect(report.unusable).toMatchObject([{ location: 'SecretStorage', code: 'unreadable' }])
  })

  it('are removed when asked for, with all that belongs to them, into a store that lasts', async () => {
    const token = authToken()
    const entries = {
      authToken: token,
      refreshToken: refreshToken(),
      apiKey: token.access_token,
      credentialType: 'oauth',
    }
    const lasting = extension(entries, { store: fileStore({ path: await configPath() }) })
    expect((await lasting.run()).found).toMatchObject([{ became: 'kept' }])
    expect(lasting.secrets.size).toBe(4)
    expect((await lasting.run({ oldEntries: 'remove' })).found).toMatchObject([
      { became: 'removed' },
    ])
    expect([...lasting.secrets.keys()]).toEqual([])
    const forgetful = extension(entries)
    await forgetful.run({ oldEntries: 'remove' })
    expect(forgetful.secrets.size).toBe(4)
  })
})

describe("removing the old extension's secrets", () => {
  const lasting = async (entries: Record<string, unknown>) =>
    extension(entries, { store: fileStore({ path: await configPath() }) })

  it('keeps a second, different key, which was not taken', async () => {
    const [first, second] = [apiKey(), apiKey()]
    const { run, secrets } = await lasting({ 'apiKey.raw': first, apiKey: second })
    expect(await run({ oldEntries: 'remove' })).toMatchObject({
      taken: [{ location: 'lanonasis.apiKey.raw' }],
      passedOver: [{ location: 'lanonasis.apiKey', reason: 'outranked' }],
    })
    expect([...secrets]).toEqual([['lanonasis.apiKey', second]])
  })

  it('keeps a key beside the access token that is stored as one', async () => {
    const token = authToken()
    const key = apiKey()
    const { run, secrets } = await lasting({
      authToken: token,
      'apiKey.raw': token.access_token,
      apiKey: key,
    })
    expect((await run()).taken).toMatchObject([{ kind: 'tokens' }, { kind: 'api-key' }])
    expect(secrets.get('lanonasis.apiKey')).toBe(key)
  })

  it('keeps the hash of another key than the one that was taken', async () => {
    const hash = hashOf(apiKey())
    const { run, secrets } = await lasting({ 'apiKey.raw': apiKey(), apiKey: hash })
    expect((await run({ oldEntries: 'remove' })).unusable).toMatchObject([{ code: 'key_hash' }])
    expect([...secrets]).toEqual([['lanonasis.apiKey', hash]])
  })

  it('keeps a refresh token that is not the one of the stored session', async () => {
    const other = refreshToken()
    const { run, secrets } = await lasting({
      authToken: { ...authToken(), refresh_token: refreshToken() },
      refreshToken: other,
    })
    await run({ oldEntries: 'remove' })
    expect([...secrets]).toEqual([['lanonasis.refreshToken', other]])
  })

  it('leave nothing behind that only said what they were', async () => {
    const lasting = { store: fileStore({ path: await configPath() }) }
    const held = { 'apiKey.raw': apiKey(), apiKey: apiKey(), credentialType: 'apiKey' }
    const two = extension(held, lasting)
    // The second key is not taken, so what it is said to be stays with it.
    await two.run({ oldEntries: 'remove' })
    expect([...two.secrets.keys()]).toContain('lanonasis.credentialType')
    const rest = extension({ credentialType: 'oauth' }, lasting)
    await rest.run()
    expect(rest.secrets.size).toBe(1)
    await rest.run({ oldEntries: 'remove' })
    expect(rest.secrets.size).toBe(0)
    const key = apiKey()
    const store = fileStore({ path: await configPath() })
    const both = { 'apiKey.raw': key, apiKey: `"${key}"`, credentialType: 'apiKey' }
    const same = extension(both, { store })
    await same.run({ oldEntries: 'remove' })
    expect([...same.secrets.keys()]).toEqual([])
  })

  it('are not waited for when the editor never answers a delete', { timeout: 15_000 }, async () => {
    const store = fileStore({ path: await configPath() })
    const { client } = extension({}, { store })
    const { context } = secretsWith({ 'apiKey.raw': apiKey() })
    const secrets = { ...context.secrets, delete: () => new Promise<void>(() => {}) }
    const report = await importCredentials(client, { context: { secrets }, oldEntries: 'remove' })
    expect(report).toMatchObject({ taken: [{ kind: 'api-key' }], hints: [{ code: 'not_changed' }] })
  })

  it('does not fail when the editor cannot delete, and does not repeat what it said', async () => {
    const key = apiKey()
    const { client } = await lasting({})
    const secrets = {
      get: async (name: string) => (name === 'lanonasis.apiKey.raw' ? key : undefined),
      delete: () => Promise.reject(new Error(`cannot delete ${key}`)),
    }
    const report = await importCredentials(client, { context: { secrets }, oldEntries: 'remove' })
    expect(report).toMatchObject({
      found: [{ became: 'kept' }],
      taken: [{ kind: 'api-key' }],
      hints: [{ code: 'not_changed', location: 'lanonasis.apiKey.raw' }],
    })
    expect(JSON.stringify(report)).not.toContain(key)
  })
})

describe("the CLI's files, in an extension", () => {
  const config = (fields: Record<string, unknown>) => JSON.stringify(cliConfig(fields))

  it('★14 give the API key, and never the session', async () => {
    const token = opaqueToken()
    const text = config({ token, refresh_token: refreshToken(), vendorKey: apiKey() })
    const { run } = extension({})
    expect(await run({ vscode: editorWith({ '.maas/config.json': text }) })).toMatchObject({
      found: [
        {
          location: '~/.maas/config.json',
          modifiedAt: epoch,
          services: { memory_base: 'https://api.lanonasis.com' },
        },
      ],
      taken: [{ kind: 'api-key' }],
      unusable: [{ kind: 'tokens', code: 'other_client' }],
    })
  })

  it('★14 give the API key in the form of the roadmap, and never the session', async () => {
    const tokens = { access_token: opaqueToken(), refresh_token: refreshToken() }
    const text = JSON.stringify({ auth: { tokens, api_key: apiKey(), client_id: 'lanonasis-cli' } })
    const { run } = extension({})
    expect(await run({ vscode: editorWith({ '.maas.config': text }) })).toMatchObject({
      taken: [{ kind: 'api-key' }],
      unusable: [{ kind: 'tokens', code: 'other_client' }],
    })
  })

  it.each([
    ['names no client', 'vscode-extension', {}],
    ['names the client of the extension', 'vscode-extension', { client_id: 'vscode-extension' }],
    ['is read with the client of the CLI', 'lanonasis-cli', {}],
  ])('★14 never give the answer of a token endpoint that %s', async (_, clientId, more) => {
    const tokens = { ...authToken(), refresh_token: refreshToken(), ...more }
    const { run, client } = extension({}, { clientId })
    const files = { '.maas/config.json': tokens, '.maas.config': { auth: { tokens, ...more } } }
    const texts = Object.entries(files).map(([name, file]) => [name, JSON.stringify(file)])
    expect(await run({ vscode: editorWith(Object.fromEntries(texts)) })).toMatchObject({
      taken: [],
      unusable: [{ code: 'other_client' }, { code: 'other_client' }],
    })
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
  })

  const services = { auth_gateway: 'https://auth.acme.example', mcp_ws: 'wss://acme.example/ws' }
  const withServices = { '.maas.config': JSON.stringify({ services }) }
  const nobodysChoice = { endpoints: undefined }

  it('name the services of the CLI, for the person to agree to', async () => {
    const { run } = extension({}, nobodysChoice)
    const { deployment } = await run({ vscode: editorWith(withServices) })
    expect(deployment).toMatchObject({
      location: '~/.maas.config',
      endpoints: { authGateway: services.auth_gateway, mcpWs: services.mcp_ws },
      changed: ['authGateway', 'mcpWs'],
    })
  })

  it.each([undefined, 'wsl'])(
    'name the services on the person’s own machine: %s',
    async (remoteName) => {
      const { run } = extension({}, nobodysChoice)
      const vscode = { ...editorWith(withServices), env: { remoteName } }
      expect(await run({ vscode })).toHaveProperty('deployment')
    },
  )

  const remotes = [
    'dev-container',
    'attached-container',
    'codespaces',
    'k8s-container',
    'ssh-remote',
  ]
  it.each(remotes)(
    '★1 name no services where the folder may have written them: %s',
    async (remoteName) => {
      const { run } = extension({}, nobodysChoice)
      const vscode = { ...editorWith(withServices), env: { remoteName } }
      expect(await run({ vscode })).not.toHaveProperty('deployment')
    },
  )

  it('come after what the extension has of its own', async () => {
    const key = apiKey()
    const vscode = editorWith({ '.maas/config.json': config({ vendorKey: apiKey() }) })
    const { run } = extension({ 'apiKey.raw': key })
    expect(await run({ vscode })).toMatchObject({
      taken: [{ location: 'lanonasis.apiKey.raw' }],
      passedOver: [{ location: '~/.maas/config.json', reason: 'outranked' }],
    })
  })

  it('are told of when they cannot be read, or are too large', async () => {
    const vscode = editorWith({
      '.maas.config': { error: Object.assign(new Error('no'), { code: 'NoPermissions' }) },
      '.maas/config.json': 'x'.repeat(1024 * 1024 + 1),
    })
    const { run } = extension({})
    expect((await run({ vscode })).unusable.map(({ code }) => code)).toEqual([
      'unreadable',
      'too_large',
    ])
  })
})
