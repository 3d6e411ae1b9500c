import { readdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { LanonasisClient, type memoryStore, type StoreEvent } from '../../../src/index.ts'
import { openKeychain } from '../../../src/node/keychain-store/open-keychain.ts'
import { fileStore, keychainStore } from '../../../src/node.ts'
import { accessTokenOf, production, put, signedIn } from '../../node/file-store/accounts.ts'
import { failure } from '../../support/async.ts'
import { readJson, temporaryDirectory } from '../../support/directories.ts'
import { runProgram } from '../../support/program.ts'
import { useDesktop } from './desktop.ts'
import { startDesktop } from './session-bus.ts'

const setup = useDesktop()
const service = 'auth-client-states'
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
/** On a busy machine, too; who waits for the keychain waits for 8 s. */
const promptMs = 4_000
const unavailable = { name: 'AuthError', code: 'store_unavailable', retryable: true }

/** A home with an account in the keychain, and how to open it as another process does. */
async function home() {
  const directory = await temporaryDirectory()
  const path = join(directory, '.maas.keychain')
  const config = join(directory, '.maas.config')
  const open = () => keychainStore({ service, path })
  await put(open(), production, signedIn('ada'))
  return { directory, path, config, open }
}

async function locked(): Promise<void> {
  await setup.desktop.lock()
  onTestFinished(() => setup.desktop.unlock())
}

function stalled(): void {
  setup.desktop.stall()
  onTestFinished(() => setup.desktop.resume())
}

/** As in a session over SSH. */
function absent(): void {
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', undefined)
  vi.stubEnv('XDG_RUNTIME_DIR', undefined)
}

const states: [string, () => Promise<void> | void][] = [
  ['locked', locked],
  ['absent', absent],
  ['hanging', stalled],
]

describe.each(states)('a keychain that is %s', (state, begin) => {
  it('is store_unavailable to who reads, whether something is stored or not', async () => {
    const { open } = await home()
    await begin()
    const startedAt = performance.now()
    const store = open()
    expect(await failure(store.read(production))).toMatchObject(unavailable)
    const other = { ...production, profile: 'work' }
    expect(await failure(open().read(other))).toMatchObject(unavailable)
    const ms = Math.round(performance.now() - startedAt)
    console.log(`${state}: two reads failed after ${ms} ms`)
    expect(ms).toBeLessThan(16_000)
  })

  it('is store_unavailable to who writes, and nothing is changed', async () => {
    const { open } = await home()
    const { revision } = (await open().read(production)) ?? {}
    await begin()
    const late = open().commit(production, revision, signedIn('grace'))
    expect(await failure(late)).toMatchObject(unavailable)
    if (state === 'locked') await setup.desktop.unlock()
    if (state === 'hanging') setup.desktop.resume()
    if (state === 'absent') restore()
    expect(await open().read(production)).toMatchObject({ revision, value: signedIn('ada') })
    await put(open(), production, signedIn('grace'))
    expect(await accessTokenOf(open(), production)).toBe('access-of-grace')
  })

  it('does not hold the process that asked it', async () => {
    const { path } = await home()
    await begin()
    const { ended, lines } = await runProgram(
      `import { createClient, keychainStore } from './node.ts'
       const client = createClient({
         store: keychainStore(${JSON.stringify({ service, path })}),
         autoRefresh: true,
       })
       client.subscribe(() => {})
       client.getSession().catch((error) => console.log(error.code))
       setTimeout(() => console.log('the process is free'), 200)`,
      variables(),
    )
    const said = []
    let saidAt = 0
    for await (const line of lines) {
      said.push(line)
      saidAt = performance.now()
    }
    expect(await ended).toEqual({ code: 0, stderr: '' })
    const lingeredMs = Math.round(performance.now() - saidAt)
    console.log(`${state}: the process ended ${lingeredMs} ms after its work`)
    expect(said.sort()).toEqual(['store_unavailable', 'the process is free'])
    expect(lingeredMs).toBeLessThan(promptMs)
  })

  it('does not hold a process that ends itself meanwhile', async () => {
    const { path } = await home()
    await begin()
    const { ended, lines } = await runProgram(
      `import { createClient, keychainStore } from './node.ts'
       const client = createClient({ store: keychainStore(${JSON.stringify({ service, path })}) })
       client.getSession().catch(() => {})
       setTimeout(() => { console.log('the end'); process.exit(3) }, 300)`,
      variables(),
    )
    await lines.next()
    const saidAt = performance.now()
    expect(await ended).toEqual({ code: 3, stderr: '' })
    expect(performance.now() - saidAt).toBeLessThan(promptMs)
  })

  it('is replaced by a file where that is asked for, and says so', async () => {
    const directory = await temporaryDirectory()
    const config = join(directory, '.maas.config')
    const path = join(directory, '.maas.keychain')
    const stores = () => [keychainStore({ service, path }), fileStore({ path: config })]
    const { signal, events, client } = clientOn(stores())
    await begin()
    await client.setApiKey('pk_1.sk_2')
    signal()
    expect(events).toEqual([
      {
        operation: 'open',
        code: 'store_unavailable',
        instead: expect.objectContaining({ kind: 'file', insteadOf: 'keychain', location: config }),
      },
    ])
    expect((await readJson(config)).auth.api_key).toBe('pk_1.sk_2')
    expect((await readJson(path)).choices).toEqual({ [service]: [`file:${config}`] })

    // It stays there when the keychain is back: nobody is to sign in twice.
    if (state === 'locked') await setup.desktop.unlock()
    if (state === 'hanging') setup.desktop.resume()
    if (state === 'absent') restore()
    const again = clientOn(stores())
    expect(await again.client.getSession()).toMatchObject({ apiKey: { kind: 'pk' } })
  })

  it('that this machine has chosen is not replaced by a file', async () => {
    const { config, path } = await home()
    await begin()
    const stores = [keychainStore({ service, path }), fileStore({ path: config })]
    const { client } = clientOn(stores)
    expect(await failure(client.getSession())).toMatchObject({
      ...unavailable,
      message: expect.stringContaining('keychain'),
      hint: expect.stringContaining('destroy()'),
    })
    expect(await failure(client.setApiKey('pk_1.sk_2'))).toMatchObject(unavailable)
    expect(await readdir(dirname(config))).toEqual(['.maas.keychain'])
  })
})

describe('a keychain that comes back', () => {
  it('is used again by who was told that it does not answer', async () => {
    const { open } = await home()
    const store = open()
    stalled()
    expect(await failure(store.read(production))).toMatchObject(unavailable)
    // While it is silent, nobody waits for it any more.
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 20 }, () => failure(store.read(production))))
    expect(performance.now() - startedAt).toBeLessThan(promptMs)
    setup.desktop.resume()
    await vi.waitFor(async () => expect(await accessTokenOf(store, production)).toBeTruthy(), {
      timeout: 10_000,
      interval: 100,
    })
  })
})

describe('a home with an account in the keychain', () => {
  it('says so once when its index was removed, and leaves nothing after destroy', async () => {
    const { directory, path, open } = await home()
    const { markers } = await readJson(path)
    await unlink(path)
    expect(await failure(open().read(production))).toMatchObject({ code: 'store_corrupt' })
    expect(await open().read(production)).toBeUndefined()
    await put(open(), production, signedIn('grace'))
    await open().destroy?.(production)
    expect(await readdir(directory)).toEqual([])
    const backend = openKeychain(service)
    onTestFinished(() => backend.abandon())
    const { id, account } = markers[service]
    expect((await backend.list()).filter((one) => one.includes(id) || one === account)).toEqual([])
  })

  it('is store_unavailable in a session with another keyring, and as before in its own', async () => {
    const { open } = await home()
    const other = await startDesktop()
    onTestFinished(() => other.end())
    for (const [name, value] of Object.entries(other.env)) vi.stubEnv(name, value)
    expect(await failure(open().read(production))).toMatchObject({
      ...unavailable,
      message: expect.stringContaining('not the keychain'),
    })
    restore()
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
  })
})

describe('onUnavailable', () => {
  it('is "error" by default, and memory where that is asked for', async () => {
    const path = join(await temporaryDirectory(), '.maas.keychain')
    absent()
    expect(await failure(keychainStore({ service, path }).read(production))).toMatchObject(
      unavailable,
    )
    const store = keychainStore({ service, path, onUnavailable: 'memory' })
    expect(store.describe()).toMatchObject({ kind: 'keychain' })
    await put(store, production, signedIn('ada'))
    expect(store.describe()).toMatchObject({
      kind: 'memory',
      insteadOf: 'keychain',
      persistent: false,
    })
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
  })

  it('may be a file in the home', async () => {
    const directory = await temporaryDirectory()
    vi.stubEnv('HOME', directory)
    absent()
    const store = keychainStore({ service, onUnavailable: 'file' })
    await put(store, production, signedIn('ada'))
    expect(store.describe()).toMatchObject({ kind: 'file', insteadOf: 'keychain' })
    await store.destroy?.(production)
    expect(await readdir(directory)).toEqual([])
  })
})

function variables(): Record<string, string> {
  const { DBUS_SESSION_BUS_ADDRESS: bus, XDG_RUNTIME_DIR: run, HOME: home = '' } = process.env
  return {
    NODE_PATH: modules,
    HOME: home,
    ...(bus === undefined ? {} : { DBUS_SESSION_BUS_ADDRESS: bus }),
    ...(run === undefined ? {} : { XDG_RUNTIME_DIR: run }),
  }
}

function restore(): void {
  for (const [name, value] of Object.entries(setup.desktop.env)) vi.stubEnv(name, value)
}

function clientOn(store: ReturnType<typeof memoryStore>[]) {
  const events: StoreEvent[] = []
  const client = new LanonasisClient({ clientId: 'lanonasis-cli', env: {}, store })
  onTestFinished(() => client.close())
  const signal = client.on('store', (event) => events.push(event))
  return { client, events, signal }
}
