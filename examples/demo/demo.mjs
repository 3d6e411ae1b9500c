// The main job, end to end, on services that run on this machine: sign in, get an API key, write and
// read memories, renew the session, sign out.
//
//   npm run demo                a scripted person signs in
//   npm run demo -- --browser   you sign in, in your own browser
//   npm run demo -- --json      the last line is one JSON object
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createClient, fileStore, loopbackFlow, openUrl } from '@lanonasis/auth-client/node'
import { servePlatform } from '@lanonasis/auth-client/testing/node'
import { countRequests, createReport } from './report.mjs'

const { values: flags } = parseArgs({
  options: { browser: { type: 'boolean' }, json: { type: 'boolean' } },
})

const report = createReport()
const home = await mkdtemp(join(tmpdir(), 'lanonasis-demo-'))
const configPath = join(home, '.maas.config')
const platform = await servePlatform()

/** What a person does in the browser: sign in on the gateway's page, agree, come back. */
const scriptedPerson = async (/** @type {string} */ url) => {
  const callback = await platform.signIn(url)
  await fetch(callback)
}

const lanonasis = createClient({
  env: platform.env,
  store: fileStore({ path: configPath }),
  login: loopbackFlow({ ports: [0], openUrl: flags.browser ? openUrl : scriptedPerson }),
})

let ok = false
try {
  report.say(`The services run on ${platform.endpoints.authGateway} (gateway)`)
  report.say(`and ${platform.endpoints.mcpHttp} (MCP Core); nothing leaves this machine.`)
  if (flags.browser) {
    const [user] = platform.users
    report.say(`Sign in as ${user?.email} with the password "${user?.password}".`)
  }

  await report.step('sign in with PKCE in the browser', async () => {
    const session = await lanonasis.login()
    if (session.status !== 'signed-in') throw new Error(`The session is ${session.status}.`)
    return `scope ${session.scope}, good until ${new Date(session.expiresAt ?? 0).toISOString()}`
  })
  await report.step('look where the credentials are', async () => {
    const { mode } = await stat(configPath)
    return `.maas.config, mode 0${(mode & 0o777).toString(8)}`
  })
  await report.step('get an MCP API key', async () => {
    const key = await lanonasis.apiKeys.ensure({ name: 'demo-laptop' })
    return `${key.publicId}… ${key.created ? 'created' : 'was there'}, stored beside the tokens`
  })
  const created = await report.step('write a memory', () =>
    lanonasis.memory.create({
      title: 'Where to begin',
      content: 'Read the README, then run the demo.',
      type: 'knowledge',
      tags: ['demo'],
    }),
  )
  await report.step('write two more', async () => {
    for (const title of ['Second', 'Third']) {
      await lanonasis.memory.create({ title, content: 'Details', tags: ['demo'] })
    }
  })
  await report.step('list all memories, page by page', async () => {
    const titles = []
    for await (const memory of lanonasis.memory.list({ tags: ['demo'], limit: 2 })) {
      titles.push(memory.title)
    }
    if (titles.length !== 3) throw new Error(`Expected 3 memories, found ${titles.length}.`)
    return titles.join(', ')
  })
  await report.step('read the first one', async () => {
    const memory = await lanonasis.memory.get(created.id)
    if (memory.content !== created.content) throw new Error('It reads otherwise than written.')
    return `"${memory.title}": ${memory.content}`
  })
  await report.step('change it', async () => {
    const { content, tags } = await lanonasis.memory.update(created.id, {
      content: 'Read the README, run the demo, then write your own.',
    })
    return `${content} (tags kept: ${tags.join(', ')})`
  })
  await report.step('search', async () => {
    const { items } = await lanonasis.memory.search({ query: 'README' })
    if (items.length !== 1) throw new Error(`Expected 1 memory, found ${items.length}.`)
    return `"README" is in "${items[0]?.title}"`
  })
  await report.step('delete it', () => lanonasis.memory.delete(created.id))
  await report.step('count what is left', async () => {
    const { total, byType } = await lanonasis.memory.stats()
    if (total !== 2) throw new Error(`Expected 2 memories, counted ${total}.`)
    const types = Object.entries(byType).map(([type, count]) => `${count} ${type}`)
    return types.join(', ')
  })
  await report.step('rotate the API key', async () => {
    const { name } = await lanonasis.apiKeys.rotate()
    const keys = await lanonasis.apiKeys.list()
    const active = keys.filter((key) => key.active)
    if (active.length !== 1) throw new Error(`${active.length} keys are active.`)
    await lanonasis.memory.list({ limit: 1 })
    return `${name} is in use, the old one is revoked`
  })
  await report.step('renew the session', async () => {
    const before = await lanonasis.getAccessToken()
    await lanonasis.refresh()
    const after = await lanonasis.getAccessToken()
    if (before === after) throw new Error('The access token is the old one.')
    const { active } = await lanonasis.introspect(before)
    if (active) throw new Error('The old access token is still alive.')
    return 'a new pair; the old access token is dead'
  })
  await report.step('sign out', async () => {
    const { revoked, reason } = await lanonasis.logout()
    if (!revoked) throw new Error(`The gateway did not confirm: ${reason}`)
    return 'forgotten here, revoked at the gateway'
  })
  ok = true
} catch (error) {
  process.exitCode = 1
  report.fail(error)
} finally {
  await lanonasis.close()
  await platform.close()
  await rm(home, { recursive: true, force: true })
}

const requests = countRequests(platform.requests)
report.finish(requests)
if (flags.json) console.log(JSON.stringify({ ok, steps: report.steps, requests }))
