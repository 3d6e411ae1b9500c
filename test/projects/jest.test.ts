import { expect, it } from 'vitest'
import { freshProject } from './fresh-project.ts'
import { versionsOf } from './scaffolds.ts'

/** As a team writes it: CommonJS, in Jest's own world, which knows no `import()`. */
const suite = `
const { isAuthError, LanonasisClient, memoryStore } = require('@lanonasis/auth-client')
const { createClient, loopbackFlow } = require('@lanonasis/auth-client/node')
const { createPlatform } = require('@lanonasis/auth-client/testing')
const { servePlatform } = require('@lanonasis/auth-client/testing/node')

test('a session is renewed, and a memory is written and found', async () => {
  const platform = createPlatform()
  const lanonasis = new LanonasisClient({
    clientId: 'lanonasis-cli',
    fetch: platform.fetch,
    now: platform.clock.now,
    store: memoryStore({ tokens: await platform.issueTokens() }),
  })
  platform.clock.advance(3_600_000)
  await lanonasis.memory.create({ title: 'In Jest', content: 'It works', tags: ['jest'] })
  const { items } = await lanonasis.memory.list({ tags: ['jest'] })
  expect(items.map(({ title }) => title)).toEqual(['In Jest'])
  expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
})

test('an error of a world of its own is known', async () => {
  const client = new LanonasisClient({ clientId: 'mine', env: {}, store: memoryStore() })
  const error = await client.getAccessToken().catch((error) => error)
  expect(isAuthError(error, 'login_required')).toBe(true)
})

test('a program signs in over real sockets', async () => {
  const platform = await servePlatform()
  const openUrl = async (url) => void (await fetch(await platform.signIn(url)))
  const client = createClient({
    env: platform.env,
    store: memoryStore(),
    login: loopbackFlow({ ports: [0], openUrl }),
  })
  expect(await client.login()).toMatchObject({ status: 'signed-in' })
  await client.close()
  await platform.close()
})
`

it('a new project of CommonJS is tested with Jest, which transforms no dependency', async () => {
  const project = await freshProject('my-jest-tests', {
    manifest: {
      type: 'commonjs',
      scripts: { build: 'node --check lanonasis.test.js', test: 'jest --ci --json' },
      devDependencies: versionsOf('jest'),
    },
    files: {
      'lanonasis.test.js': suite,
    },
  })
  const report = JSON.parse(await project.run('test'))
  const results = report.testResults.flatMap(
    ({ assertionResults }: { assertionResults: { title: string; status: string }[] }) =>
      assertionResults.map(({ title, status }) => [status, title]),
  )
  expect(results).toEqual([
    ['passed', 'a session is renewed, and a memory is written and found'],
    ['passed', 'an error of a world of its own is known'],
    ['passed', 'a program signs in over real sockets'],
  ])
})
